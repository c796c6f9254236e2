# Function 8 with sub-function 4 silences a device until it is restarted: it then
# monitors the line and answers nobody. Sub-function 1 restarts its communication
# and, with data FF00 hex, erases its event log. Both have legitimate uses on a
# bench and almost none in a running plant.
# MODBUS Application Protocol Specification V1.1b3, section 6.8.
rule communication_disabled {
    meta {
        id = "OT-MODBUS-0002"
        sid = 9200002
        rev = 1
        severity = critical
        attack = [ics.T0814, ics.T0816]
        description = "A device is told to stop answering or to restart its communication"
        falsepositives = "tests of a serial line"
        reference = "https://attack.mitre.org/techniques/T0814/"
    }
    on modbus as m
    where m.request
        and m.function == diagnostics
        and m.subfunction in { force_listen_only, restart_communications }
    dedup by (m.src.ip, m.dst.ip, m.unit) for 10m
    emit {
        title = "Modbus {m.subfunction} sent to {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.unit, m.subfunction]
    }

    test "listen only" {
        at 0s modbus {
            request: true, function: 8, subfunction: 4, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "restart of the communication" {
        at 0s modbus {
            request: true, function: 8, subfunction: 1, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "an echo is harmless" {
        at 0s modbus {
            request: true, function: 8, subfunction: 0, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the echoed answer is not another request" {
        at 0s modbus {
            request: false, function: 8, subfunction: 1, unit: 1, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }

    test "another function with the same number in its data" {
        at 0s modbus {
            request: true, function: 43, subfunction: 4, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }
}
