# A broadcast reaches every outstation on the line, and none of them answers: one frame
# changes a whole station, and nothing on the wire shows what came of it. To set the time
# and to freeze counters is what broadcasts are for.
# IEEE Std 1815-2012, 9.2.4 and 4.4.
rule broadcast_command {
    meta {
        id = "OT-DNP3-0012"
        sid = 9218012
        rev = 1
        severity = critical
        attack = [ics.T0855, ics.T1692.001, ics.T0806]
        description = "One command is sent to all outstations"
        falsepositives = "work on a whole line that no window states"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on dnp3 as d
    where d.request
        and d.broadcast
        and d.op is present
        and d.op in {
            select, operate, direct_operate, reset_cold, reset_warm, stop, start,
            mode_change, memory_clear, comms_disable, config_write, file_write,
            file_delete
        }
    dedup by (d.src.ip, d.destination, d.function) for 10m
    emit {
        title = "{d.src.ip} sends {d.function} to all outstations"
        evidence = [d.function, d.op, d.destination, d.controls]
    }

    test "a relay of all" {
        at 0s dnp3 {
            request: true, function: 6, op: direct_operate, broadcast: true,
            destination: 65535, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "all are silenced" {
        at 0s dnp3 {
            request: true, function: 21, op: comms_disable, broadcast: true,
            destination: 65533, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the time of all" {
        at 0s dnp3 {
            request: true, function: 2, op: time_set, broadcast: true, destination: 65535,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "no operation" {
        at 0s dnp3 {
            request: true, function: 0, broadcast: true, destination: 65535,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "one outstation" {
        at 0s dnp3 {
            request: true, function: 6, op: direct_operate, broadcast: false,
            destination: 10, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "no request" {
        at 0s dnp3 {
            request: false, function: 6, op: direct_operate, broadcast: true,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }
}
