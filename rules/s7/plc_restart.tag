# The PI service P_PROGRAM starts a controller: without an argument as a warm restart,
# with C as a cold one, which forgets retentive data. A restart after a change makes the
# change run.
rule plc_restart {
    meta {
        id = "OT-S7-0002"
        sid = 9230002
        rev = 1
        severity = high
        attack = [ics.T0858, ics.T0816]
        description = "A controller is started or restarted"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0858/"
    }
    on s7 as m
    where m.rosctr == job and m.function == plc_control and m.pi_service == "P_PROGRAM"
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip, m.op) for 10m
    emit {
        title = "{m.src.ip} restarts {m.dst.asset.name ?? m.dst.ip}: {m.op}"
        evidence = [m.pi_service, m.pi_argument, m.rack, m.slot]
    }

    test "cold restart" {
        at 0s s7 {
            rosctr: job, request: true, function: plc_control, op: reset_cold,
            pi_service: "P_PROGRAM", pi_argument: "C ", src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "warm restart" {
        at 0s s7 {
            rosctr: job, request: true, function: plc_control, op: start,
            pi_service: "P_PROGRAM", src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a connection is set up" {
        at 0s s7 {
            rosctr: job, request: true, function: setup_communication, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "to link a block" {
        at 0s s7 {
            rosctr: job, request: true, function: plc_control, op: program_download,
            pi_service: "_INSE", src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s s7 {
            rosctr: ack_data, request: false, function: plc_control,
            pi_service: "P_PROGRAM", op: start, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s s7 {
            rosctr: job, request: true, function: plc_control, pi_service: "P_PROGRAM",
            op: start, src.ip: 10.30.1.9, dst.ip: 10.10.0.5, dst.asset.maintenance: true
        }
        expect none
    }
}
