# CCS stops a controller, CCE resets it, CCI initialises it and with that forgets its values.
# No form of PCOM over ASCII asks who sends it.
rule controller_stopped {
    meta {
        id = "OT-PCOM-0001"
        sid = 9261001
        rev = 1
        severity = critical
        attack = [ics.T0858, ics.T0816]
        description = "A controller is told to stop, reset or initialise"
        falsepositives = "maintenance that no window states"
        reference = "https://attack.mitre.org/techniques/T0858/"
    }
    on pcom as m
    where m.request and m.mode == ascii and m.command in { "CCS", "CCE", "CCI" }
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} stops {m.dst.asset.name ?? m.dst.ip} ({m.command})"
        evidence = [m.command, m.unit]
    }

    test "stop" {
        at 0s pcom {
            request: true, mode: ascii, command: "CCS", unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect match
    }

    test "init" {
        at 0s pcom {
            request: true, mode: ascii, command: "CCI", unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect match
    }

    test "run" {
        at 0s pcom {
            request: true, mode: ascii, command: "CCR", unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s pcom {
            request: true, mode: ascii, command: "CCS", unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7, dst.asset.maintenance: true
        }
        expect none
    }

    test "a name in the other form" {
        at 0s pcom {
            request: true, mode: binary, command: "CCS", src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }

    test "the reply" {
        at 0s pcom {
            request: false, mode: ascii, command: "CCS", unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }
}
