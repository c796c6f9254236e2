# STOP puts a CPU unit into program mode: its outputs fall, and nothing of the process is
# controlled any longer. FINS asks nobody who he is.
rule controller_stopped {
    meta {
        id = "OT-FINS-0001"
        sid = 9260001
        rev = 1
        severity = critical
        attack = [ics.T0858, ics.T0816]
        description = "A controller is told to stop"
        falsepositives = "maintenance that no window states"
        reference = "https://attack.mitre.org/techniques/T0858/"
    }
    on fins as m
    where m.request and m.command in { stop, reset }
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} stops {m.dst.asset.name ?? m.dst.ip} ({m.command})"
        evidence = [m.command, m.program, m.sa1, m.da1]
    }

    test "stop" {
        at 0s fins {
            request: true, command: stop, sa1: 99, da1: 7, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect match
    }

    test "reset, which nobody answers" {
        at 0s fins {
            request: true, command: reset, response_required: false, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect match
    }

    test "run" {
        at 0s fins { request: true, command: run, src.ip: 10.30.1.9, dst.ip: 10.10.0.7 }
        expect none
    }

    test "in a maintenance window" {
        at 0s fins {
            request: true, command: stop, src.ip: 10.30.1.9, dst.ip: 10.10.0.7,
            dst.asset.maintenance: true
        }
        expect none
    }

    test "the response" {
        at 0s fins {
            request: false, command: stop, end_code: normal_completion, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }
}
