# Who may write variables is known on a site. With nothing bound, every write is from
# outside.
param writers: set<ip> max 1024 = {}

rule write_from_outside_engineering {
    meta {
        id = "OT-S7-0013"
        sid = 9230013
        rev = 1
        severity = high
        attack = [ics.T0855, ics.T1692.001, ics.T0836]
        description = "A host that is no operator or engineering station writes variables"
        falsepositives = "commissioning from a laptop that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on s7 as m
    where m.rosctr == job and m.function == write_var and m.src.ip not in writers
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "S7 write to {m.dst.asset.name ?? m.dst.ip} from {m.src.ip}"
        evidence = [m.function, m.items]
    }

    test "a write from the office" {
        at 0s s7 {
            rosctr: job, request: true, function: write_var,
            items: [{ area: data_block, db: 1, address: 0 }], src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "an operator station" with { writers: { 10.20.0.5 } } {
        at 0s s7 {
            rosctr: job, request: true, function: write_var,
            items: [{ area: data_block, db: 1, address: 0 }], src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a read" {
        at 0s s7 {
            rosctr: job, request: true, function: read_var,
            items: [{ area: data_block, db: 1, address: 0 }], src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s s7 {
            rosctr: ack_data, request: false, function: write_var, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s s7 {
            rosctr: job, request: true, function: write_var, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5, dst.asset.maintenance: true
        }
        expect none
    }
}
