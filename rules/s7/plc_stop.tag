# A stopped controller controls nothing. Function 29 hex stops an S7-300, S7-400 or
# S7-1200 with one message; public tools send it.
rule plc_stop {
    meta {
        id = "OT-S7-0001"
        sid = 9230001
        rev = 1
        severity = critical
        attack = [ics.T0858, ics.T0816, ics.T0813]
        description = "A controller is stopped"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0858/"
    }
    on s7 as m
    where m.rosctr == job and m.function == plc_stop
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} stops {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.function, m.pi_service, m.rack, m.slot]
    }

    test "stop" {
        at 0s s7 {
            rosctr: job, request: true, function: plc_stop, pi_service: "P_PROGRAM",
            rack: 0, slot: 2, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a start" {
        at 0s s7 {
            rosctr: job, request: true, function: plc_control, pi_service: "P_PROGRAM",
            rack: 0, slot: 2, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s s7 {
            rosctr: ack_data, request: false, function: plc_stop, rack: 0, slot: 2,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s s7 {
            rosctr: job, request: true, function: plc_stop, rack: 0, slot: 2,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5, dst.asset.maintenance: true
        }
        expect none
    }
}
