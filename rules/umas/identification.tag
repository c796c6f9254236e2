# Who asks a Modicon controller for its make, its project and its memory card is making an
# inventory: engineering software does, and so do the public scanners.
# Liras en la red, The Unity (UMAS) protocol, part I.
param umas_scanners: set<ip> max 64 = {}

rule identification {
    meta {
        id = "OT-UMAS-0007"
        sid = 9210007
        rev = 1
        severity = medium
        attack = [ics.T0888, ics.T0846]
        description = "A host that is no known scanner reads the identity of a controller"
        falsepositives = "engineering software on a host that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0888/"
    }
    on umas as m
    where m.request
        and m.function in { read_id, read_project_info, read_card_info, read_rack }
        and m.src.ip not in umas_scanners
    dedup by (m.src.ip, m.dst.ip) for 1h
    emit {
        title = "{m.src.ip} asks {m.dst.asset.name ?? m.dst.ip} what it is"
        evidence = [m.unit, m.function, m.session]
    }

    test "a stranger" with { umas_scanners: { 10.20.0.5 } } {
        at 0s umas {
            request: true, function: read_id, session: 1, unit: 0, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a known scanner" with { umas_scanners: { 10.20.0.5 } } {
        at 0s umas {
            request: true, function: read_id, session: 1, unit: 0, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "to begin communication" with { umas_scanners: { 10.20.0.5 } } {
        at 0s umas {
            request: true, function: init_comm, session: 1, unit: 0, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" with { umas_scanners: { 10.20.0.5 } } {
        at 0s umas {
            request: false, function: read_id, status: ok, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }
}
