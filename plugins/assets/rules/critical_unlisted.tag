# What much depends on is spoken to by machines that somebody has listed.
rule critical_unlisted {
    meta {
        id = "OT-ASSETS-0002"
        sid = 9262002
        rev = 1
        severity = high
        attack = [ics.T0848, ics.T0886]
        description = "A critical controller is asked by a machine that no list has"
        falsepositives = "a machine that is new and not listed"
        reference = "https://attack.mitre.org/techniques/T0848/"
    }
    on modbus as m
    where m.request
        and m.asset_db.dst.criticality in { high, critical }
        and m.asset_db.src.name is missing
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip}, which nobody has listed, speaks to {m.asset_db.dst.name ?? m.dst.ip}"
        evidence = [m.function, m.asset_db.dst.owner, m.asset_db.dst.criticality]
    }

    test "a stranger" {
        at 0s modbus {
            request: true, function: 3, asset_db.dst.criticality: critical,
            asset_db.dst.name: "press-4", src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "one that is listed" {
        at 0s modbus {
            request: true, function: 3, asset_db.dst.criticality: critical,
            asset_db.src.name: "hmi-1", src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "little depends on it" {
        at 0s modbus {
            request: true, function: 3, asset_db.dst.criticality: low, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }

    test "the answer" {
        at 0s modbus {
            request: false, function: 3, asset_db.dst.criticality: critical,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }
}
