# The list of assets says who answers for a machine. A write from a machine of other people is
# a mistake at best.
rule others_machine {
    meta {
        id = "OT-ASSETS-0001"
        sid = 9262001
        rev = 1
        severity = high
        attack = [ics.T0836, ics.T0855, ics.T1692.001]
        description = "A controller is written by a machine that others answer for"
        falsepositives = "an owner that has changed and not in the list"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on modbus as m
    where m.request and m.op == write and m.asset_db.src.owner != m.asset_db.dst.owner
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} of {m.asset_db.src.owner} writes {m.asset_db.dst.name ?? m.dst.ip} of {m.asset_db.dst.owner}"
        evidence = [m.function, m.asset_db.src.owner, m.asset_db.dst.owner]
    }

    test "of the office" {
        at 0s modbus {
            request: true, op: write, function: 6, asset_db.src.owner: "office",
            asset_db.dst.owner: "packaging", src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "a read" {
        at 0s modbus {
            request: true, op: read, function: 3, asset_db.src.owner: "office",
            asset_db.dst.owner: "packaging", src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "the answer" {
        at 0s modbus {
            request: false, op: write, function: 6, asset_db.src.owner: "office",
            asset_db.dst.owner: "packaging", src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "of the same people" {
        at 0s modbus {
            request: true, op: write, function: 6, asset_db.src.owner: "Packaging",
            asset_db.dst.owner: "packaging", src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }
}
