# A device refuses what changes it. Once it is a mistake; the host that it happens to again
# and again is learning what works.
rule operation_rejected {
    meta {
        id = "OT-ANY-0011"
        sid = 9290011
        rev = 1
        severity = medium
        attack = [ics.T0855, ics.T1692.001, ics.T0806]
        description = "A device refuses an operation that would change it"
        falsepositives = "interlocks, local operation, a program that was configured for another device"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on ot as o
    where o.op is present
        and o.phase == rejected
        and o.op in {
            write, select, operate, direct_operate, start, stop, reset_cold, reset_warm,
            mode_change, program_download, online_edit, block_delete, firmware_update,
            config_write, force, time_set, file_write, file_delete, password_set,
            memory_clear, factory_reset
        }
    dedup by (o.src.ip, o.src.mac, o.dst.ip, o.dst.mac, o.op) for 1h
    emit {
        title = "{o.src.asset.name ?? o.src.ip ?? o.src.mac} refuses {o.op} from {o.dst.ip ?? o.dst.mac}"
        evidence = [o.op, o.outcome, o.target.kind, o.target.id]
    }

    test "a command" {
        at 0s iec104 {
            op: operate, phase: rejected, outcome: rejected, target.kind: ioa,
            target.id: 100, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect match
    }

    test "a stop" {
        at 0s umas {
            op: stop, phase: rejected, outcome: exception, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect match
    }

    test "a read" {
        at 0s modbus {
            op: read, phase: rejected, outcome: exception, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }

    test "accepted" {
        at 0s iec104 {
            op: operate, phase: accepted, outcome: ok, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a message that does nothing known" {
        at 0s umas { phase: rejected, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }
}
