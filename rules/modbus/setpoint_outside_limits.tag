# One setpoint of 32 bits, an IEEE 754 float in two holding registers with the most
# significant word first, as many controllers keep it. The site says where it is and
# between which values the process is safe; a write of another value is an attack or
# a mistake, whoever sends it.
# MODBUS Application Protocol Specification V1.1b3, section 6.12.
param lowest: float = 0.0
param highest: float = 100.0

rule setpoint_outside_limits {
    meta {
        id = "OT-MODBUS-0007"
        sid = 9200007
        rev = 1
        severity = critical
        attack = [ics.T0836, ics.T0831]
        description = "A setpoint is written with a value that the process does not stand"
        falsepositives = "limits that were not changed together with the process"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on modbus as m
    where m.request
        and m.function == write_multiple_registers
        and m.address_range overlaps ref(40101)..ref(40102)
        and (
            register(m, ref(40101), f32) < lowest
            or register(m, ref(40101), f32) > highest
        )
    dedup by (m.src.ip, m.dst.ip, m.unit) for 1m
    emit {
        title = "Setpoint of {m.dst.asset.name ?? m.dst.ip} set outside its limits by {m.src.ip}"
        evidence = [m.unit, m.address, m.values]
    }

    # 120.0 is 42F00000 hex.
    test "too high" {
        at 0s modbus {
            request: true, function: 16, table: holding_registers, address: 100,
            quantity: 2, unit: 1, values: [0x42f0, 0], src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    # -1.0 is BF800000 hex.
    test "too low, among other registers" {
        at 0s modbus {
            request: true, function: 16, table: holding_registers, address: 99,
            quantity: 4, unit: 1, values: [9, 0xbf80, 0, 9], src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    # 100.0 is 42C80000 hex.
    test "the highest that is allowed" {
        at 0s modbus {
            request: true, function: 16, table: holding_registers, address: 100,
            quantity: 2, unit: 1, values: [0x42c8, 0], src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the same bits in other registers" {
        at 0s modbus {
            request: true, function: 16, table: holding_registers, address: 110,
            quantity: 2, unit: 1, values: [0x42f0, 0], src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "half of the setpoint is not its value" {
        at 0s modbus {
            request: true, function: 16, table: holding_registers, address: 101,
            quantity: 1, unit: 1, values: [0x42f0], src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect indeterminate on m.values
    }

    test "a value that is read" {
        at 0s modbus {
            request: false, function: 3, table: holding_registers, address: 100,
            quantity: 2, unit: 1, values: [0x42f0, 0], src.ip: 10.10.0.5,
            dst.ip: 10.20.0.5
        }
        expect none
    }

    test "another function on the same registers" {
        at 0s modbus {
            request: true, function: 23, table: holding_registers, address: 100,
            quantity: 2, unit: 1, values: [0x42f0, 0], src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "an answer that repeats what was written" {
        at 0s modbus {
            request: false, function: 16, table: holding_registers, address: 100,
            quantity: 2, unit: 1, values: [0x42f0, 0], src.ip: 10.10.0.5,
            dst.ip: 10.20.0.5
        }
        expect none
    }
}
