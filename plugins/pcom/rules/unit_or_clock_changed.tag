# A controller under another unit number answers nobody who asks for the old one; its logs go by
# its clock.
rule unit_or_clock_changed {
    meta {
        id = "OT-PCOM-0007"
        sid = 9261007
        rev = 1
        severity = medium
        attack = [ics.T0836]
        description = "Unit number or clock of a controller is set"
        falsepositives = "maintenance that no window states"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on pcom as m
    where m.request and m.op in { config_write, time_set }
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} sets up {m.dst.asset.name ?? m.dst.ip} ({m.command})"
        evidence = [m.command, m.unit, m.time]
    }

    test "unit number" {
        at 0s pcom {
            request: true, op: config_write, command: "US", unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect match
    }

    test "clock" {
        at 0s pcom {
            request: true, op: time_set, command: "SC", unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect match
    }

    test "the clock is read" {
        at 0s pcom {
            request: true, op: config_read, command: "RC", unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s pcom {
            request: true, op: time_set, command: "SC", unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7, dst.asset.maintenance: true
        }
        expect none
    }

    test "the reply" {
        at 0s pcom {
            request: false, op: config_write, command: "US", unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }
}
