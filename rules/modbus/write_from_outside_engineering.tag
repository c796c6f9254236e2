# Hosts that may write, and the addresses that they may write from. Bound by the
# site; with nothing bound, every write is from outside.
param engineering: set<ip> max 1024 = {}

pred writes(m: modbus) = m.function in {
    write_single_coil, write_single_register, write_multiple_coils,
    write_multiple_registers, mask_write_register, read_write_multiple_registers
}

rule write_from_outside_engineering {
    meta {
        id = "OT-MODBUS-0001"
        sid = 9200001
        rev = 1
        severity = high
        attack = [ics.T0855, ics.T1692.001, ics.T0836]
        description = "A host that is no engineering station writes to a controller"
        falsepositives = "commissioning from a laptop that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on modbus as m
    where m.request and writes(m) and m.src.ip not in engineering
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip, m.unit) for 10m
    emit {
        title = "Modbus write to {m.dst.asset.name ?? m.dst.ip} from {m.src.ip}"
        evidence = [m.function, m.unit, m.address, m.quantity, m.values]
    }

    test "a write from the office network" with { engineering: { 10.20.0.5 } } {
        at 0s modbus {
            request: true, function: 16, address: 10, quantity: 2, unit: 1,
            values: [1, 2], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the engineering station may write" with { engineering: { 10.20.0.5 } } {
        at 0s modbus {
            request: true, function: 16, address: 10, quantity: 2, unit: 1,
            values: [1, 2], src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a read is no write" {
        at 0s modbus {
            request: true, function: 3, address: 10, quantity: 2, unit: 1,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer to a write is not another write" {
        at 0s modbus {
            request: false, function: 16, address: 10, quantity: 2, unit: 1,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "work in a maintenance window is expected" {
        at 0s modbus {
            request: true, function: 6, address: 10, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5, dst.asset.maintenance: true
        }
        expect none
    }
}
