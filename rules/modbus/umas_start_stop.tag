# UMAS 64 starts and 65 stops the program of a Modicon controller. A stopped controller
# controls nothing; public tools do it with one packet.
# Codes from public analyses; the maker publishes none.
rule umas_start_stop {
    meta {
        id = "OT-MODBUS-0012"
        sid = 9200012
        rev = 1
        severity = critical
        attack = [ics.T0858, ics.T0816, ics.T0813]
        description = "A controller is started or stopped by UMAS"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0858/"
    }
    on modbus as m
    where m.request and m.function == umas and m.umas.function in { start_plc, stop_plc }
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip, m.umas.function) for 1m
    emit {
        title = "{m.src.ip} sends {m.umas.function} to {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.unit, m.umas.function, m.umas.session]
    }

    test "stop" {
        at 0s modbus {
            request: true, function: 90, umas.function: 65, umas.session: 0, unit: 0,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "start" {
        at 0s modbus {
            request: true, function: 90, umas.function: 64, umas.session: 0, unit: 0,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "to ask for its state" {
        at 0s modbus {
            request: true, function: 90, umas.function: 4, umas.session: 0, unit: 0,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s modbus {
            request: true, function: 90, umas.function: 65, umas.session: 0, unit: 0,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5, dst.asset.maintenance: true
        }
        expect none
    }

    test "a read of registers" {
        at 0s modbus {
            request: true, function: 3, unit: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s modbus {
            request: false, function: 90, umas.function: 65, umas.session: 0, unit: 0,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
