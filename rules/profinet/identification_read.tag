# Identification and maintenance record 0 holds maker, order number, serial number and
# firmware of a device: what somebody asks for who looks for a known weakness. It can be
# read without a connection.
# IEC 61158-6-10, 5.2: I&M0.
rule identification_read {
    meta {
        id = "OT-PROFINET-0016"
        sid = 9300016
        rev = 1
        severity = medium
        attack = [ics.T0888, ics.T0846]
        description = "A host that is no IO controller reads the identification of a device"
        falsepositives = "an asset scanner that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0888/"
    }
    on pnio as p
    where p.request
        and p.operation in { read, read_implicit }
        and p.index == im0
        and p.src.ip not in controllers
    on_unknown = count
    dedup by (p.src.ip, p.dst.ip) for 10m
    emit {
        title = "{p.src.ip} asks {p.dst.asset.name ?? p.dst.ip} what it is"
        evidence = [p.operation, p.index, p.slot]
    }

    test "a stranger" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: true, operation: 5, index: 0xaff0, slot: 0, src.ip: 192.168.10.99,
            dst.ip: 192.168.10.5
        }
        expect match
    }

    test "within a relation" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: true, operation: 2, index: 0xaff0, slot: 0, src.ip: 192.168.10.99,
            dst.ip: 192.168.10.5
        }
        expect match
    }

    test "the controller" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: true, operation: 5, index: 0xaff0, slot: 0, src.ip: 192.168.10.20,
            dst.ip: 192.168.10.5
        }
        expect none
    }

    test "another record" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: true, operation: 5, index: 0x802a, slot: 0, src.ip: 192.168.10.99,
            dst.ip: 192.168.10.5
        }
        expect none
    }

    test "a write" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: true, operation: 3, index: 0xaff0, slot: 0, src.ip: 192.168.10.99,
            dst.ip: 192.168.10.5
        }
        expect none
    }

    test "the answer" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: false, operation: 5, index: 0xaff0, slot: 0, src.ip: 192.168.10.5,
            dst.ip: 192.168.10.99
        }
        expect none
    }
}
