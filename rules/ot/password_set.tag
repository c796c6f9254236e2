# A new password locks out whoever had the old one: planned, or the last step of an
# extortion.
rule password_set {
    meta {
        id = "OT-ANY-0009"
        sid = 9290009
        rev = 1
        severity = high
        attack = [ics.T0892]
        description = "A password of a device is set or cleared"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0892/"
    }
    on ot as o
    where o.op is present and o.op == password_set and o.phase == request
    unless maintenance(o.dst.asset)
    dedup by (o.src.ip, o.src.mac, o.dst.ip, o.dst.mac) for 10m
    emit {
        title = "{o.src.ip ?? o.src.mac} sets a password of {o.dst.asset.name ?? o.dst.ip ?? o.dst.mac}"
        evidence = [o.op, o.target.kind]
    }

    test "set" {
        at 0s modbus {
            op: password_set, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "in a maintenance window" {
        at 0s modbus {
            op: password_set, phase: request, dst.asset.maintenance: true,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a login" {
        at 0s modbus { op: login, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }

    test "the answer" {
        at 0s modbus {
            op: password_set, phase: accepted, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a message that does nothing known" {
        at 0s umas { phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }
}
