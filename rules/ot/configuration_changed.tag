# Addresses, names, parameters and routes of a device change while it is put into service,
# and hardly ever after that.
rule configuration_changed {
    meta {
        id = "OT-ANY-0013"
        sid = 9290013
        rev = 1
        severity = high
        attack = [ics.T0836, ics.T0838]
        description = "The configuration of a device is changed"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on ot as o
    where o.op is present and o.op in { config_write, route_add } and o.phase == request
    unless maintenance(o.dst.asset)
    dedup by (o.src.ip, o.src.mac, o.dst.ip, o.dst.mac, o.op) for 10m
    emit {
        title = "{o.src.ip ?? o.src.mac} changes the configuration of {o.dst.asset.name ?? o.dst.ip ?? o.dst.mac}"
        evidence = [o.op, o.target.kind, o.target.id, o.target.name, o.target.value]
    }

    test "a parameter" {
        at 0s iec104 {
            op: config_write, phase: request, target.kind: ioa, target.id: 10,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a name, without addresses of IP" {
        at 0s dcp {
            op: config_write, phase: request, src.mac: 02:00:00:00:00:09,
            dst.mac: 02:00:00:00:00:05
        }
        expect match
    }

    test "in a maintenance window" {
        at 0s iec104 {
            op: config_write, phase: request, dst.asset.maintenance: true,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "it is read" {
        at 0s umas {
            op: config_read, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s iec104 {
            op: config_write, phase: accepted, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a message that does nothing known" {
        at 0s umas { phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }
}
