# Files in devices are settings, programs, firmware, web pages. They come from engineering
# stations; from anywhere else they are tools.
rule file_into_device {
    meta {
        id = "OT-ANY-0014"
        sid = 9290014
        rev = 1
        severity = high
        attack = [ics.T0867, ics.T0839]
        description = "A file is moved into a device or deleted by a host that is no engineering station"
        falsepositives = "backup and patch servers that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0867/"
    }
    on ot as o
    where o.op is present
        and o.op in { file_write, file_delete }
        and o.phase in { request, start }
        and o.src.ip not in ot_engineering
    dedup by (o.src.ip, o.src.mac, o.dst.ip, o.dst.mac, o.op) for 10m
    emit {
        title = "{o.src.ip ?? o.src.mac} changes files of {o.dst.asset.name ?? o.dst.ip ?? o.dst.mac}: {o.op}"
        evidence = [o.op, o.phase, o.artifact.name, o.artifact.number, o.artifact.size]
    }

    test "a file is written" with { ot_engineering: { 10.20.0.5 } } {
        at 0s iec104 {
            op: file_write, phase: start, artifact.kind: file, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a file is deleted" with { ot_engineering: { 10.20.0.5 } } {
        at 0s dnp3 {
            op: file_delete, phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the engineering station" with { ot_engineering: { 10.20.0.5 } } {
        at 0s iec104 {
            op: file_write, phase: start, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a file is read" with { ot_engineering: { 10.20.0.5 } } {
        at 0s iec104 { op: file_read, phase: start, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }

    test "a piece of it" with { ot_engineering: { 10.20.0.5 } } {
        at 0s iec104 {
            op: file_write, phase: chunk, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a message that does nothing known" with { ot_engineering: { 10.20.0.5 } } {
        at 0s umas { phase: request, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }
}
