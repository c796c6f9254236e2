# Modbus has no protection of its own, so it must not leave the network of the machines.
# A packet between a controller and another zone means that a firewall has a hole, or
# that there is none. Where the site states no zones nothing can be said: that is
# counted, not told.
param modbus_zones: set<name> max 64 = { "control", "cell" }

pred process_values(m: modbus) = m.function in {
    read_coils, read_discrete_inputs, read_holding_registers, read_input_registers,
    write_single_coil, write_single_register, write_multiple_coils,
    write_multiple_registers, mask_write_register, read_write_multiple_registers,
    read_fifo_queue
}

rule across_zones {
    meta {
        id = "OT-MODBUS-0016"
        sid = 9200016
        rev = 1
        severity = high
        attack = [ics.T0886, ics.T0822]
        description = "Process values are read or written from a zone that should not"
        falsepositives = "a zone that was added and not listed"
        reference = "https://attack.mitre.org/techniques/T0886/"
    }
    on modbus as m
    where m.request and process_values(m) and m.src.zone not in modbus_zones
    on_unknown = count
    dedup by (m.src.ip, m.dst.ip) for 1h
    emit {
        title = "{m.src.ip} of zone {m.src.zone} speaks Modbus to {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.src.zone, m.dst.zone, m.function, m.unit]
    }

    test "the office" {
        at 0s modbus {
            request: true, function: 3, unit: 1, src.ip: 10.30.1.9, src.zone: "office",
            dst.ip: 10.10.0.5, dst.zone: "cell"
        }
        expect match
    }

    test "to ask for a name is another matter" {
        at 0s modbus {
            request: true, function: 17, unit: 1, src.ip: 10.30.1.9, src.zone: "office",
            dst.ip: 10.10.0.5, dst.zone: "cell"
        }
        expect none
    }

    test "the control room" {
        at 0s modbus {
            request: true, function: 3, unit: 1, src.ip: 10.20.0.5, src.zone: "control",
            dst.ip: 10.10.0.5, dst.zone: "cell"
        }
        expect none
    }

    test "the answer" {
        at 0s modbus {
            request: false, function: 3, unit: 1, src.ip: 10.30.1.9, src.zone: "office",
            dst.ip: 10.20.0.5, dst.zone: "control"
        }
        expect none
    }
}
