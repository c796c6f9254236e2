# Who asks for the model, the name or for all controllers makes an inventory: an identification is
# the first that scanners send.
param pcom_scanners: set<ip> max 64 = {}

rule inventory {
    meta {
        id = "OT-PCOM-0006"
        sid = 9261006
        rev = 1
        severity = low
        attack = [ics.T0888, ics.T0846]
        description = "A controller is asked who it is from an unusual place"
        falsepositives = "a panel or a scanner that is not listed"
        reference = "https://attack.mitre.org/techniques/T0888/"
    }
    on pcom as m
    where m.request and m.op in { identify, discover } and m.src.ip not in pcom_scanners
    dedup by (m.src.ip, m.dst.ip) for 1h
    emit {
        title = "{m.src.ip} asks {m.dst.asset.name ?? m.dst.ip} who it is"
        evidence = [m.command, m.function]
    }

    test "an identification" with { pcom_scanners: { 10.20.0.5 } } {
        at 0s pcom {
            request: true, op: identify, command: "ID", unit: 0, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect match
    }

    test "to read values is another matter" with { pcom_scanners: { 10.20.0.5 } } {
        at 0s pcom {
            request: true, op: read, command: "RW", unit: 0, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }

    test "the reply" with { pcom_scanners: { 10.20.0.5 } } {
        at 0s pcom {
            request: false, op: identify, command: "ID", src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }

    test "a scanner of the site" with { pcom_scanners: { 10.20.0.5 } } {
        at 0s pcom {
            request: true, op: identify, command: "ID", src.ip: 10.20.0.5,
            dst.ip: 10.10.0.7
        }
        expect none
    }
}
