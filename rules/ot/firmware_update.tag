# Firmware is below every program and survives all of them. Its update is planned work of
# days, never a surprise.
rule firmware_update {
    meta {
        id = "OT-ANY-0005"
        sid = 9290005
        rev = 1
        severity = critical
        attack = [ics.T0857, ics.T0839, ics.T0800]
        description = "The firmware of a device is updated"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0857/"
    }
    on ot as o
    where o.op is present and o.op == firmware_update and o.phase in { request, start }
    unless maintenance(o.dst.asset)
    dedup by (o.src.ip, o.src.mac, o.dst.ip, o.dst.mac) for 1h
    emit {
        title = "{o.src.ip ?? o.src.mac} updates the firmware of {o.dst.asset.name ?? o.dst.ip ?? o.dst.mac}"
        evidence = [o.op, o.artifact.name, o.artifact.size, o.artifact.sha256]
    }

    test "an update begins" {
        at 0s modbus {
            op: firmware_update, phase: start, artifact.kind: firmware, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "in a maintenance window" {
        at 0s modbus {
            op: firmware_update, phase: start, dst.asset.maintenance: true,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a file is written" {
        at 0s modbus {
            op: file_write, phase: start, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s modbus {
            op: firmware_update, phase: accepted, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a message that does nothing known" {
        at 0s umas { phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }
}
