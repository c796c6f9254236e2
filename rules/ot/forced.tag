# A forced input or output no longer follows the process or the program. It is a tool of
# commissioning; in operation it hides what happens.
rule forced {
    meta {
        id = "OT-ANY-0007"
        sid = 9290007
        rev = 1
        severity = high
        attack = [ics.T0835, ics.T0831]
        description = "An input or output is forced"
        falsepositives = "commissioning that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0835/"
    }
    on ot as o
    where o.op is present and o.op == force and o.phase == request
    unless maintenance(o.dst.asset)
    dedup by (o.src.ip, o.src.mac, o.dst.ip, o.dst.mac, o.target.id) for 10m
    emit {
        title = "{o.src.ip ?? o.src.mac} forces {o.target.kind} {o.target.id} of {o.dst.asset.name ?? o.dst.ip ?? o.dst.mac}"
        evidence = [o.op, o.target.kind, o.target.id, o.target.value]
    }

    test "forced" {
        at 0s modbus {
            op: force, phase: request, target.kind: input, target.id: 4,
            target.value: 1.0, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "in a maintenance window" {
        at 0s modbus {
            op: force, phase: request, target.id: 4, dst.asset.maintenance: true,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "written" {
        at 0s modbus {
            op: write, phase: request, target.id: 4, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s modbus {
            op: force, phase: accepted, target.id: 4, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a message that does nothing known" {
        at 0s umas { phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }
}
