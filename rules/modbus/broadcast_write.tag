# Unit 0 addresses every device behind a gateway at once, and none of them answers:
# one frame changes a whole line, and nothing on the wire shows what came of it.
# MODBUS over Serial Line Specification V1.02, section 2.2.
rule broadcast_write {
    meta {
        id = "OT-MODBUS-0005"
        sid = 9200005
        rev = 1
        severity = high
        attack = [ics.T0806, ics.T0855, ics.T1692.001]
        description = "One write addresses every device behind a gateway"
        falsepositives = "clients that use unit 0 for a device without a serial line"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on modbus as m
    where m.request
        and m.unit == 0
        and m.function in {
            write_single_coil, write_single_register, write_multiple_coils,
            write_multiple_registers
        }
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "Modbus write to all units behind {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.function, m.address, m.quantity, m.values]
    }

    test "a write to unit 0" {
        at 0s modbus {
            request: true, function: 15, address: 0, quantity: 8, unit: 0,
            values: [0, 0, 0, 0, 0, 0, 0, 0], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a write to one device" {
        at 0s modbus {
            request: true, function: 15, address: 0, quantity: 8, unit: 1,
            values: [0, 0, 0, 0, 0, 0, 0, 0], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a read from unit 0 cannot be broadcast" {
        at 0s modbus {
            request: true, function: 3, address: 0, quantity: 8, unit: 0,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "an answer from unit 0 shows that it was no broadcast" {
        at 0s modbus {
            request: false, function: 15, address: 0, quantity: 8, unit: 0,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
