# Programs go into controllers from engineering stations. From anywhere else it is an
# attack, whatever the protocol calls it.
rule program_changed_from_elsewhere {
    meta {
        id = "OT-ANY-0003"
        sid = 9290003
        rev = 1
        severity = critical
        attack = [ics.T0843, ics.T0889, ics.T0821]
        description = "A program is changed by a host that is no engineering station"
        falsepositives = "an engineering station that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0843/"
    }
    on ot as o
    where o.op is present
        and o.op in { program_download, online_edit, block_delete }
        and o.phase in { request, start, chunk, end }
        and o.src.ip not in ot_engineering
    dedup by (o.src.ip, o.src.mac, o.dst.ip, o.dst.mac, o.op) for 10m
    emit {
        title = "{o.src.ip ?? o.src.mac} changes the program of {o.dst.asset.name ?? o.dst.ip ?? o.dst.mac}: {o.op}"
        evidence = [
            o.op, o.phase, o.artifact.name, o.artifact.number, o.artifact.size,
            o.artifact.sha256
        ]
    }

    test "a stranger loads a program" with { ot_engineering: { 10.20.0.5 } } {
        at 0s umas {
            op: program_download, phase: start, artifact.kind: program, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a stranger deletes a block" with { ot_engineering: { 10.20.0.5 } } {
        at 0s umas {
            op: block_delete, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the engineering station" with { ot_engineering: { 10.20.0.5 } } {
        at 0s umas {
            op: program_download, phase: start, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the program is read" with { ot_engineering: { 10.20.0.5 } } {
        at 0s umas {
            op: program_upload, phase: start, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" with { ot_engineering: { 10.20.0.5 } } {
        at 0s umas {
            op: program_download, phase: accepted, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a message that does nothing known" with { ot_engineering: { 10.20.0.5 } } {
        at 0s umas { phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }
}
