# A release ends the relation of a controller to its device: inputs and outputs take
# their substitute values. It should come from the one who connected.
# IEC 61158-5-10, AR ASE: Release.
rule release_from_stranger {
    meta {
        id = "OT-PROFINET-0013"
        sid = 9300013
        rev = 1
        severity = high
        attack = [ics.T0813, ics.T0814]
        description = "A host that is no IO controller releases a device"
        falsepositives = "a controller that was exchanged and not listed"
        reference = "https://attack.mitre.org/techniques/T0813/"
    }
    on pnio as p
    where p.request and p.operation == release and p.src.ip not in controllers
    on_unknown = count
    dedup by (p.src.ip, p.dst.ip) for 10m
    emit {
        title = "{p.src.ip} releases {p.dst.asset.name ?? p.dst.ip} from its controller"
        evidence = [p.ar.uuid, p.session_key, p.command]
    }

    test "a stranger" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: true, operation: 1, session_key: 66, src.ip: 192.168.10.99,
            dst.ip: 192.168.10.5
        }
        expect match
    }

    test "the controller" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: true, operation: 1, session_key: 7, src.ip: 192.168.10.20,
            dst.ip: 192.168.10.5
        }
        expect none
    }

    test "to connect is another matter" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: true, operation: 0, session_key: 66, src.ip: 192.168.10.99,
            dst.ip: 192.168.10.5
        }
        expect none
    }

    test "the answer" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: false, operation: 1, session_key: 66, src.ip: 192.168.10.5,
            dst.ip: 192.168.10.99
        }
        expect none
    }
}
