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
    where m.request and m.op in { start, reset_cold }
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip, m.op) for 10m
    emit {
        title = "{m.src.ip} restarts {m.dst.asset.name ?? m.dst.ip}: {m.op}"
        evidence = [m.pi_service, m.pi_argument, m.rack, m.slot]
    }

    test "cold restart" {
        at 0s s7 {
            request: true, op: reset_cold, pi_service: "P_PROGRAM", pi_argument: "C ",
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "warm restart" {
        at 0s s7 {
            request: true, op: start, pi_service: "P_PROGRAM", src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "to link a block" {
        at 0s s7 {
            request: true, op: program_download, pi_service: "_INSE", src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s s7 { request: false, op: start, src.ip: 10.10.0.5, dst.ip: 10.30.1.9 }
        expect none
    }

    test "in a maintenance window" {
        at 0s s7 {
            request: true, op: start, src.ip: 10.30.1.9, dst.ip: 10.10.0.5,
            dst.asset.maintenance: true
        }
        expect none
    }
}
