# Outputs, bits and integers of a controller are written by panels, which are few and known.
param pcom_writers: set<ip> max 256 = {}

rule operands_written {
    meta {
        id = "OT-PCOM-0005"
        sid = 9261005
        rev = 1
        severity = high
        attack = [ics.T0836, ics.T0855, ics.T1692.001]
        description = "Operands of a controller are written from an unusual place"
        falsepositives = "a panel that is not listed"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on pcom as m
    where m.request and m.op == write and m.src.ip not in pcom_writers
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} writes operands of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.command, m.function, m.address_range, m.values]
    }

    test "outputs" with { pcom_writers: { 10.20.0.5 } } {
        at 0s pcom {
            request: true, op: write, command: "SA", operand: output, address: 0,
            quantity: 4, values: [1, 1, 1, 1], src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "a read" with { pcom_writers: { 10.20.0.5 } } {
        at 0s pcom {
            request: true, op: read, command: "RA", operand: output, address: 0,
            quantity: 4, src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "the reply" with { pcom_writers: { 10.20.0.5 } } {
        at 0s pcom {
            request: false, op: write, command: "SA", src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "a panel" with { pcom_writers: { 10.20.0.5 } } {
        at 0s pcom {
            request: true, op: write, command: "SA", src.ip: 10.20.0.5, dst.ip: 10.10.0.7
        }
        expect none
    }
}
