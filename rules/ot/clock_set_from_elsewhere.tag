# Who sets the clock of a device moves the times of its records and of what it does by the
# clock.
param ot_time_sources: set<ip> max 64 = {}

rule clock_set_from_elsewhere {
    meta {
        id = "OT-ANY-0012"
        sid = 9290012
        rev = 1
        severity = medium
        attack = [ics.T0832, ics.T0836]
        description = "The clock of a device is set by a host that is no time source"
        falsepositives = "a control centre that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0832/"
    }
    on ot as o
    where o.op is present
        and o.op == time_set
        and o.phase == request
        and o.src.ip not in ot_time_sources
    dedup by (o.src.ip, o.src.mac, o.dst.ip, o.dst.mac) for 1h
    emit {
        title = "{o.src.ip ?? o.src.mac} sets the clock of {o.dst.asset.name ?? o.dst.ip ?? o.dst.mac}"
        evidence = [o.op, o.target.kind]
    }

    test "a stranger" with { ot_time_sources: { 10.20.0.5 } } {
        at 0s iec104 {
            op: time_set, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the time source" with { ot_time_sources: { 10.20.0.5 } } {
        at 0s iec104 {
            op: time_set, phase: request, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a test" with { ot_time_sources: { 10.20.0.5 } } {
        at 0s iec104 {
            op: diagnostic, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" with { ot_time_sources: { 10.20.0.5 } } {
        at 0s iec104 {
            op: time_set, phase: accepted, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a message that does nothing known" with { ot_time_sources: { 10.20.0.5 } } {
        at 0s umas { phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }
}
