# A cold restart forgets the state of a process, a cleared memory its program, a factory
# reset everything. Wipers of plants end with these.
rule restart_or_erasure {
    meta {
        id = "OT-ANY-0006"
        sid = 9290006
        rev = 1
        severity = critical
        attack = [ics.T0816, ics.T0809]
        description = "A device is restarted cold, cleared or reset to its factory settings"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0816/"
    }
    on ot as o
    where o.op is present
        and o.op in { reset_cold, memory_clear, factory_reset }
        and o.phase == request
    unless maintenance(o.dst.asset)
    dedup by (o.src.ip, o.src.mac, o.dst.ip, o.dst.mac, o.op) for 10m
    emit {
        title = "{o.src.ip ?? o.src.mac} resets {o.dst.asset.name ?? o.dst.ip ?? o.dst.mac}: {o.op}"
        evidence = [o.op, o.target.kind]
    }

    test "a cold restart" {
        at 0s iec104 {
            op: reset_cold, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a cold restart of an outstation" {
        at 0s dnp3 {
            op: reset_cold, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "factory settings, without addresses of IP" {
        at 0s dcp {
            op: factory_reset, phase: request, src.mac: 02:00:00:00:00:09,
            dst.mac: 02:00:00:00:00:05
        }
        expect match
    }

    test "a warm restart" {
        at 0s iec104 {
            op: reset_warm, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s iec104 {
            op: reset_cold, phase: request, dst.asset.maintenance: true,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s iec104 {
            op: reset_cold, phase: accepted, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a message that does nothing known" {
        at 0s umas { phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }
}
