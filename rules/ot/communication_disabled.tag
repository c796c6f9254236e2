# A device that was told to be silent reports nothing, not even its own failure.
rule communication_disabled {
    meta {
        id = "OT-ANY-0008"
        sid = 9290008
        rev = 1
        severity = high
        attack = [ics.T0804, ics.T0803, ics.T0814]
        description = "A device is told to stop its communication"
        falsepositives = "a change of masters that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0804/"
    }
    on ot as o
    where o.op is present
        and o.op in { comms_disable, alarm_suppress }
        and o.phase == request
    unless maintenance(o.dst.asset)
    dedup by (o.src.ip, o.src.mac, o.dst.ip, o.dst.mac, o.op) for 10m
    emit {
        title = "{o.src.ip ?? o.src.mac} silences {o.dst.asset.name ?? o.dst.ip ?? o.dst.mac}: {o.op}"
        evidence = [o.op, o.target.kind]
    }

    test "silenced" {
        at 0s modbus {
            op: comms_disable, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "an outstation" {
        at 0s dnp3 {
            op: comms_disable, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a station" {
        at 0s iec104 {
            op: comms_disable, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "alarms are suppressed" {
        at 0s modbus {
            op: alarm_suppress, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "in a maintenance window" {
        at 0s modbus {
            op: comms_disable, phase: request, dst.asset.maintenance: true,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "it may speak again" {
        at 0s modbus {
            op: comms_enable, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s modbus {
            op: comms_disable, phase: accepted, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a message that does nothing known" {
        at 0s umas { phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }
}
