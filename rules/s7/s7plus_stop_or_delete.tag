# S7-1200 and S7-1500 are stopped by writing the operating state of their execution
# unit, and lose blocks by deleting objects of the program.
rule s7plus_stop_or_delete {
    meta {
        id = "OT-S7-0017"
        sid = 9230017
        rev = 1
        severity = critical
        attack = [ics.T0858, ics.T0816, ics.T0809]
        description = "An S7-1200 or S7-1500 is stopped or started, or a block of it deleted"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0858/"
    }
    on s7plus as m
    where m.request and m.op in { stop, start, block_delete }
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip, m.op) for 10m
    emit {
        title = "{m.src.ip} sends {m.op} to {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.function, m.object, m.attributes]
    }

    test "stop" {
        at 0s s7plus {
            request: true, op: stop, function: set_variable, object: 52,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a write" {
        at 0s s7plus {
            request: true, op: write, function: set_variable, object: 52,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s s7plus {
            request: false, op: stop, function: set_variable, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s s7plus {
            request: true, op: stop, function: set_variable, object: 52,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5, dst.asset.maintenance: true
        }
        expect none
    }
}
