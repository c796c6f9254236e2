# Another mode of operation opens a controller for what run mode refuses, or takes it out
# of control.
rule mode_changed {
    meta {
        id = "OT-ANY-0002"
        sid = 9290002
        rev = 1
        severity = high
        attack = [ics.T0858]
        description = "A controller is started or its mode is changed"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0858/"
    }
    on ot as o
    where o.op is present and o.op in { start, mode_change } and o.phase == request
    unless maintenance(o.dst.asset)
    dedup by (o.src.ip, o.src.mac, o.dst.ip, o.dst.mac, o.op) for 1m
    emit {
        title = "{o.src.ip ?? o.src.mac} changes the mode of {o.dst.asset.name ?? o.dst.ip ?? o.dst.mac}: {o.op}"
        evidence = [o.op, o.target.kind]
    }

    test "started" {
        at 0s umas { op: start, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect match
    }

    test "another mode" {
        at 0s umas {
            op: mode_change, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "in a maintenance window" {
        at 0s umas {
            op: start, phase: request, dst.asset.maintenance: true, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "stopped" {
        at 0s umas { op: stop, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }

    test "the answer" {
        at 0s umas { op: start, phase: accepted, src.ip: 10.10.0.5, dst.ip: 10.30.1.9 }
        expect none
    }

    test "a message that does nothing known" {
        at 0s umas { phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }
}
