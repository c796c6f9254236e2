# A program that is read out tells how the process works, which an attack on it needs to
# know, and may hold passwords.
rule program_read_from_elsewhere {
    meta {
        id = "OT-ANY-0004"
        sid = 9290004
        rev = 1
        severity = high
        attack = [ics.T0845, ics.T0882]
        description = "A program is read by a host that is no engineering station"
        falsepositives = "backup software that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0845/"
    }
    on ot as o
    where o.op is present
        and o.op == program_upload
        and o.phase in { request, start }
        and o.src.ip not in ot_engineering
    dedup by (o.src.ip, o.src.mac, o.dst.ip, o.dst.mac) for 1h
    emit {
        title = "{o.src.ip ?? o.src.mac} reads the program of {o.dst.asset.name ?? o.dst.ip ?? o.dst.mac}"
        evidence = [o.op, o.artifact.name, o.artifact.number]
    }

    test "a stranger" with { ot_engineering: { 10.20.0.5 } } {
        at 0s umas {
            op: program_upload, phase: start, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the engineering station" with { ot_engineering: { 10.20.0.5 } } {
        at 0s umas {
            op: program_upload, phase: start, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a program is loaded" with { ot_engineering: { 10.20.0.5 } } {
        at 0s umas {
            op: program_download, phase: start, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" with { ot_engineering: { 10.20.0.5 } } {
        at 0s umas {
            op: program_upload, phase: accepted, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a message that does nothing known" with { ot_engineering: { 10.20.0.5 } } {
        at 0s umas { phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }
}
