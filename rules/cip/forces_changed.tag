# A force overrides an input or output, whatever the program says: a sensor can be made
# to lie, and an actuator to stay as it is. Services as users of ControlLogix have
# described them; PCCC has one to remove forces.
rule forces_changed {
    meta {
        id = "OT-CIP-0006"
        sid = 9205006
        rev = 1
        severity = critical
        attack = [ics.T0835, ics.T0831]
        description = "Forces of a controller are enabled or disabled"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0835/"
    }
    on cip as c
    where not c.response and c.op is present and c.op in { force, unforce }
    unless maintenance(c.dst.asset)
    dedup by (c.src.ip, c.dst.ip, c.op) for 1m
    emit {
        title = "{c.src.ip} changes forces on {c.dst.asset.name ?? c.dst.ip}: {c.op}"
        evidence = [c.op, c.operation, c.pccc.operation, c.instance]
    }

    test "forces enabled" {
        at 0s cip {
            response: false, service: 77, class: 105, operation: 26957, op: force,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "forces disabled by PCCC" {
        at 0s cip {
            response: false, service: 75, class: 103, pccc.operation: 3905, op: unforce,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "what only carries others" {
        at 0s cip {
            response: false, service: 10, class: 2, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a write is no force" {
        at 0s cip {
            response: false, service: 77, operation: 27469, op: write, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s cip {
            response: false, service: 77, class: 105, operation: 26957, op: force,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5, dst.asset.maintenance: true
        }
        expect none
    }

    test "the reply" {
        at 0s cip {
            response: true, service: 77, class: 105, operation: 26957, op: force,
            status: 0, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
