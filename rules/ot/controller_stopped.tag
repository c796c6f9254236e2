# A stopped controller controls nothing. Stops are planned work, or a sabotage that needs
# one message in every protocol.
rule controller_stopped {
    meta {
        id = "OT-ANY-0001"
        sid = 9290001
        rev = 1
        severity = critical
        attack = [ics.T0858, ics.T0813, ics.T0881]
        description = "A controller is stopped"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0858/"
    }
    on ot as o
    where o.op is present and o.op == stop and o.phase == request
    unless maintenance(o.dst.asset)
    dedup by (o.src.ip, o.src.mac, o.dst.ip, o.dst.mac) for 1m
    emit {
        title = "{o.src.ip ?? o.src.mac} stops {o.dst.asset.name ?? o.dst.ip ?? o.dst.mac}"
        evidence = [o.op, o.target.kind]
    }

    test "stopped" {
        at 0s umas {
            op: stop, phase: request, target.kind: device, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "in a maintenance window" {
        at 0s umas {
            op: stop, phase: request, dst.asset.maintenance: true, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "started" {
        at 0s umas { op: start, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }

    test "the answer" {
        at 0s umas { op: stop, phase: accepted, src.ip: 10.10.0.5, dst.ip: 10.30.1.9 }
        expect none
    }

    test "a message that does nothing known" {
        at 0s umas { phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }
}
