# Machines of one place do not write those of another.
rule other_site {
    meta {
        id = "OT-ASSETS-0003"
        sid = 9262003
        rev = 1
        severity = medium
        attack = [ics.T0867]
        description = "A controller is written from another place"
        falsepositives = "a server that is there for several places"
        reference = "https://attack.mitre.org/techniques/T0867/"
    }
    on modbus as m
    where m.request and m.op == write and m.asset_db.src.site != m.asset_db.dst.site
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} at {m.asset_db.src.site} writes {m.asset_db.dst.name ?? m.dst.ip} at {m.asset_db.dst.site}"
        evidence = [m.function, m.asset_db.src.site, m.asset_db.dst.site]
    }

    test "another hall" {
        at 0s modbus {
            request: true, op: write, function: 6, asset_db.src.site: "hall 1",
            asset_db.dst.site: "hall 2", src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "the same hall" {
        at 0s modbus {
            request: true, op: write, function: 6, asset_db.src.site: "hall 2",
            asset_db.dst.site: "hall 2", src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "a read" {
        at 0s modbus {
            request: true, op: read, function: 3, asset_db.src.site: "hall 1",
            asset_db.dst.site: "hall 2", src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "the answer" {
        at 0s modbus {
            request: false, op: write, function: 6, asset_db.src.site: "hall 1",
            asset_db.dst.site: "hall 2", src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }
}
