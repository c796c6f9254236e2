# Whoever wants to do harm with a process learns first which register is what, and how
# values look when all is well.
# MODBUS Application Protocol Specification V1.1b3, 6.1 to 6.4.
rule read_from_outside_engineering {
    meta {
        id = "OT-MODBUS-0017"
        sid = 9200017
        rev = 1
        severity = low
        attack = [ics.T0801, ics.T0861]
        description = "A host that is no engineering or operator station reads process values"
        falsepositives = "a historian that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0801/"
    }
    on modbus as m
    where m.request and m.access == read and m.src.ip not in engineering
    dedup by (m.src.ip, m.dst.ip, m.unit) for 1d
    emit {
        title = "{m.src.ip} reads {m.table} of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.function, m.unit, m.address, m.quantity]
    }

    test "a laptop reads registers" with { engineering: { 10.20.0.5 } } {
        at 0s modbus {
            request: true, function: 3, access: 1, table: 3, address: 0, quantity: 10,
            unit: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the operator's station reads" with { engineering: { 10.20.0.5 } } {
        at 0s modbus {
            request: true, function: 3, access: 1, table: 3, address: 0, quantity: 10,
            unit: 1, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a write is another rule's" with { engineering: { 10.20.0.5 } } {
        at 0s modbus {
            request: true, function: 6, access: 2, table: 3, address: 0, quantity: 1,
            unit: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "an answer asks for nothing" with { engineering: { 10.20.0.5 } } {
        at 0s modbus {
            request: false, function: 3, access: 1, table: 3, address: 0, quantity: 10,
            unit: 1, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
