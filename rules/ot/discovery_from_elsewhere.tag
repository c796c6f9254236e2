# Who asks devices what they are and what they hold makes an inventory: the scanner that
# the site knows, engineering software, or somebody who plans something.
param ot_scanners: set<ip> max 256 = {}

rule discovery_from_elsewhere {
    meta {
        id = "OT-ANY-0010"
        sid = 9290010
        rev = 1
        severity = medium
        attack = [ics.T0846, ics.T0888, ics.T0861]
        description = "A host that is no known scanner or engineering station explores devices"
        falsepositives = "engineering software on a host that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0846/"
    }
    on ot as o
    where o.op is present
        and o.op in { identify, discover, browse }
        and o.phase == request
        and o.src.ip not in ot_engineering
        and o.src.ip not in ot_scanners
    dedup by (o.src.ip, o.src.mac) for 1h
    emit {
        title = "{o.src.ip ?? o.src.mac} explores devices: {o.op} to {o.dst.asset.name ?? o.dst.ip ?? o.dst.mac}"
        evidence = [o.op, o.target.kind, o.target.id]
    }

    test "a stranger" with { ot_engineering: { 10.20.0.5 }, ot_scanners: { 10.20.0.7 } } {
        at 0s umas { op: identify, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect match
    }

    test "a browse" with { ot_engineering: { 10.20.0.5 }, ot_scanners: { 10.20.0.7 } } {
        at 0s umas { op: browse, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect match
    }

    test "the engineering station" with {
        ot_engineering: { 10.20.0.5 }, ot_scanners: { 10.20.0.7 }
    } {
        at 0s umas { op: identify, phase: request, src.ip: 10.20.0.5, dst.ip: 10.10.0.5 }
        expect none
    }

    test "the scanner" with {
        ot_engineering: { 10.20.0.5 }, ot_scanners: { 10.20.0.7 }
    } {
        at 0s umas { op: identify, phase: request, src.ip: 10.20.0.7, dst.ip: 10.10.0.5 }
        expect none
    }

    test "values are read" with {
        ot_engineering: { 10.20.0.5 }, ot_scanners: { 10.20.0.7 }
    } {
        at 0s umas { op: read, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }

    test "the answer" with { ot_engineering: { 10.20.0.5 }, ot_scanners: { 10.20.0.7 } } {
        at 0s umas { op: identify, phase: accepted, src.ip: 10.10.0.5, dst.ip: 10.30.1.9 }
        expect none
    }

    test "a message that does nothing known" with {
        ot_engineering: { 10.20.0.5 }, ot_scanners: { 10.20.0.7 }
    } {
        at 0s umas { phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }
}
