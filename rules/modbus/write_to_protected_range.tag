# A site knows the registers behind which something can be damaged: limits, interlocks,
# setpoints that are set once. The list below is empty until the site binds it.
# MODBUS Application Protocol Specification V1.1b3, sections 4.4, 6.12 and 6.16.
param protected_first: int = 0
param protected_last: int = 0
param commissioning: set<ip> max 64 = {}

rule write_to_protected_range {
    meta {
        id = "OT-MODBUS-0006"
        sid = 9200006
        rev = 1
        severity = critical
        attack = [ics.T0836, ics.T0831]
        description = "Registers that the site protects are written"
        falsepositives = "a change of limits that was not announced"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on modbus as m
    where m.request
        and m.function in {
            write_single_register, write_multiple_registers, mask_write_register,
            read_write_multiple_registers
        }
        and m.address <= protected_last
        and m.address + (m.quantity ?? 1) > protected_first
        and m.src.ip not in commissioning
    dedup by (m.src.ip, m.dst.ip, m.unit, m.address) for 10m
    emit {
        title = "Protected register {m.address} of {m.dst.asset.name ?? m.dst.ip} is written by {m.src.ip}"
        evidence = [m.function, m.unit, m.address, m.quantity, m.values]
    }

    test "the last register of the write is the first that is protected" with {
        protected_first: 100, protected_last: 119
    } {
        at 0s modbus {
            request: true, function: 16, address: 98, quantity: 3, unit: 1,
            values: [1, 2, 3], src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a single write states no quantity" with {
        protected_first: 100, protected_last: 119
    } {
        at 0s modbus {
            request: true, function: 6, address: 119, unit: 1, values: [7],
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the write ends before the range" with {
        protected_first: 100, protected_last: 119
    } {
        at 0s modbus {
            request: true, function: 16, address: 97, quantity: 3, unit: 1,
            values: [1, 2, 3], src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the write begins behind the range" with {
        protected_first: 100, protected_last: 119
    } {
        at 0s modbus {
            request: true, function: 6, address: 120, unit: 1, values: [7],
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "who commissions may" with {
        protected_first: 100, protected_last: 119, commissioning: { 10.20.0.5 }
    } {
        at 0s modbus {
            request: true, function: 16, address: 98, quantity: 3, unit: 1,
            values: [1, 2, 3], src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "to read is no change" with { protected_first: 100, protected_last: 119 } {
        at 0s modbus {
            request: true, function: 3, address: 98, quantity: 3, unit: 1,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer to the write" with { protected_first: 100, protected_last: 119 } {
        at 0s modbus {
            request: false, function: 16, address: 98, quantity: 3, unit: 1,
            src.ip: 10.10.0.5, dst.ip: 10.20.0.5
        }
        expect none
    }
}
