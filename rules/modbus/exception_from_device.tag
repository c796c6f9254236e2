# A device answers "illegal function" or "illegal data address" when it is asked
# for something it does not have. A configured client does not ask; a scanner asks
# for everything.
# MODBUS Application Protocol Specification V1.1b3, section 7.
rule exception_from_device {
    meta {
        id = "OT-MODBUS-0004"
        sid = 9200004
        rev = 1
        severity = low
        attack = [ics.T0846]
        description = "A device refuses a function or an address that it does not have"
        falsepositives = "a client that was configured for another model"
    }
    on modbus as m
    where not m.request and m.exception in { illegal_function, illegal_data_address }
    dedup by (m.src.ip, m.dst.ip, m.exception) for 1h
    emit {
        title = "{m.dst.ip} asked {m.src.asset.name ?? m.src.ip} for what it does not have: {m.exception}"
        evidence = [m.function, m.unit, m.exception]
    }

    test "illegal function" {
        at 0s modbus {
            request: false, function: 90, exception: 1, unit: 1, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect match
    }

    test "a busy device is another matter" {
        at 0s modbus {
            request: false, function: 3, exception: 6, unit: 1, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a request carries no exception" {
        at 0s modbus {
            request: true, function: 3, exception: 1, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }
}
