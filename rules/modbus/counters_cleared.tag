# Sub-functions 10 and 20 of function 8 erase the counters of a device, and with them
# what would show an engineer that somebody has been there.
# MODBUS Application Protocol Specification V1.1b3, section 6.8.1.
rule counters_cleared {
    meta {
        id = "OT-MODBUS-0015"
        sid = 9200015
        rev = 1
        severity = medium
        attack = [ics.T0872]
        description = "The counters and the diagnostic register of a device are cleared"
        falsepositives = "fault-finding on a serial line"
        reference = "https://attack.mitre.org/techniques/T0872/"
    }
    on modbus as m
    where m.request
        and m.function == diagnostics
        and m.subfunction in { clear_counters, clear_overrun_counter }
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip, m.unit) for 1h
    emit {
        title = "{m.src.ip} clears counters of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.unit, m.subfunction]
    }

    test "all counters" {
        at 0s modbus {
            request: true, function: 8, subfunction: 10, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "to read a counter" {
        at 0s modbus {
            request: true, function: 8, subfunction: 11, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s modbus {
            request: true, function: 8, subfunction: 10, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5, dst.asset.maintenance: true
        }
        expect none
    }

    test "the echoed answer" {
        at 0s modbus {
            request: false, function: 8, subfunction: 10, unit: 1, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }

    test "the same number in another function" {
        at 0s modbus {
            request: true, function: 43, subfunction: 10, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }
}
