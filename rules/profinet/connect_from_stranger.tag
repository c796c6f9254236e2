# A device has one controller. Another one that connects wants its outputs, or its
# parameters; and as long as it is connected, the right one cannot.
# IEC 61158-5-10, AR ASE: Connect.
rule connect_from_stranger {
    meta {
        id = "OT-PROFINET-0012"
        sid = 9300012
        rev = 1
        severity = critical
        attack = [ics.T0848, ics.T1692.001, ics.T0813]
        description = "A host that is no IO controller connects to a device"
        falsepositives = "a controller that was exchanged and not listed"
        reference = "https://attack.mitre.org/techniques/T0848/"
    }
    on pnio as p
    where p.request and p.operation == connect and p.src.ip not in controllers
    on_unknown = count
    dedup by (p.src.ip, p.dst.ip) for 10m
    emit {
        title = "{p.src.ip} connects to {p.dst.asset.name ?? p.dst.ip} as an IO controller"
        evidence = [p.ar.type, p.ar.station_name, p.ar.uuid, p.session_key, p.ar.mac]
    }

    test "a stranger" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: true, operation: 0, ar.station_name: "not-a-plc",
            src.ip: 192.168.10.99, dst.ip: 192.168.10.5
        }
        expect match
    }

    test "the controller" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: true, operation: 0, ar.station_name: "boiler-plc",
            src.ip: 192.168.10.20, dst.ip: 192.168.10.5
        }
        expect none
    }

    test "to read is another matter" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: true, operation: 5, src.ip: 192.168.10.99, dst.ip: 192.168.10.5
        }
        expect none
    }

    test "the answer" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: false, operation: 0, src.ip: 192.168.10.5, dst.ip: 192.168.10.99
        }
        expect none
    }
}
