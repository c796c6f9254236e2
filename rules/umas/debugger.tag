# A breakpoint halts the task that runs into it, and steps let it go on at the pace of
# whoever sits at the debugger. No process stands that.
# Black Hat Europe 2024, From Pass-the-Hash to Code Execution on Schneider Electric M340.
rule debugger {
    meta {
        id = "OT-UMAS-0010"
        sid = 9210010
        rev = 1
        severity = high
        attack = [ics.T0858, ics.T0831]
        description = "The program of a controller is debugged"
        falsepositives = "commissioning that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0858/"
    }
    on umas as m
    where m.request and m.function in { set_breakpoint, step_over, step_in, step_out }
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} debugs the program of {m.dst.asset.name ?? m.dst.ip}: {m.function}"
        evidence = [m.unit, m.function, m.session, m.data]
    }

    test "a breakpoint" {
        at 0s umas {
            request: true, function: set_breakpoint, session: 1, unit: 0,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "in a maintenance window" {
        at 0s umas {
            request: true, function: step_in, session: 1, unit: 0,
            dst.asset.maintenance: true, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "to ask whether it is allowed" {
        at 0s umas {
            request: true, function: check_debug_allowed, session: 1, unit: 0,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s umas {
            request: false, function: set_breakpoint, status: ok, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }
}
