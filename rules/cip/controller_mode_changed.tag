# A ControlLogix controller in program mode controls nothing. Engineering software
# changes the mode with the services Start and Stop of a class that the maker does not
# publish; users of the controllers have described them. The message may be sent on
# through another module, which changes nothing of what it does.
rule controller_mode_changed {
    meta {
        id = "OT-CIP-0002"
        sid = 9205002
        rev = 1
        severity = critical
        attack = [ics.T0858, ics.T0816, ics.T0813]
        description = "A Logix controller is set to run or to program mode"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0858/"
    }
    on cip as c
    where not c.response
        and c.operation in { controller_run_mode, controller_program_mode }
    unless maintenance(c.dst.asset)
    dedup by (c.src.ip, c.dst.ip, c.operation) for 1m
    emit {
        title = "{c.src.ip} sends {c.operation} to {c.dst.asset.name ?? c.dst.ip}"
        evidence = [c.operation, c.class, c.instance, c.route]
    }

    test "program mode" {
        at 0s cip {
            response: false, service: 7, class: 142, instance: 1, operation: 36359,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "run mode" {
        at 0s cip {
            response: false, service: 6, class: 142, instance: 1, operation: 36358,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "Stop of another class" {
        at 0s cip {
            response: false, service: 7, class: 41, instance: 1, operation: 10503,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s cip {
            response: false, service: 7, class: 142, instance: 1, operation: 36359,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5, dst.asset.maintenance: true
        }
        expect none
    }

    test "the reply" {
        at 0s cip {
            response: true, service: 7, class: 142, instance: 1, operation: 36359,
            status: 0, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
