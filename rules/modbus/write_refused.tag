# A device that checks what it is told refuses a value beyond its limits, or a register that
# may not be written. Whoever tries does not know the device, or tries how far it goes.
# MODBUS Application Protocol Specification V1.1b3, section 7.
rule write_refused {
    meta {
        id = "OT-MODBUS-0018"
        sid = 9200018
        rev = 1
        severity = medium
        attack = [ics.T0836, ics.T0855, ics.T1692.001]
        description = "A device refuses a write"
        falsepositives = "an operator's typing error at a station that does not check it"
    }
    on modbus as m
    where not m.request
        and writes(m)
        and m.exception in {
            illegal_data_address, illegal_data_value, server_device_failure
        }
    dedup by (m.src.ip, m.dst.ip, m.address) for 10m
    emit {
        title = "{m.src.asset.name ?? m.src.ip} refuses a write of {m.dst.ip}: {m.exception}"
        evidence = [m.function, m.unit, m.address, m.quantity, m.exception]
    }

    test "a value that it does not take" {
        at 0s modbus {
            request: false, function: 16, exception: 3, address: 10, quantity: 2, unit: 1,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect match
    }

    test "a busy device may take it later" {
        at 0s modbus {
            request: false, function: 16, exception: 6, address: 10, quantity: 2, unit: 1,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a read that is refused is another rule's" {
        at 0s modbus {
            request: false, function: 3, exception: 2, address: 10, quantity: 2, unit: 1,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a request carries no exception" {
        at 0s modbus {
            request: true, function: 16, exception: 3, address: 10, quantity: 2, unit: 1,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }
}
