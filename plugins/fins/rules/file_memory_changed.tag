# A memory card holds programs that a controller loads when it starts (AUTOEXEC), and what
# operators have recorded.
rule file_memory_changed {
    meta {
        id = "OT-FINS-0012"
        sid = 9260012
        rev = 1
        severity = high
        attack = [ics.T0843, ics.T0809]
        description = "Files of a controller are written or deleted"
        falsepositives = "an engineer at work outside of a maintenance window"
        reference = "https://attack.mitre.org/techniques/T0843/"
    }
    on fins as m
    where m.request
        and m.command in {
            single_file_write, file_delete, file_memory_format, file_copy,
            file_name_change
        }
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} changes files of {m.dst.asset.name ?? m.dst.ip} ({m.command})"
        evidence = [m.command, m.disk, m.file, m.to_file]
    }

    test "a program that is loaded at start" {
        at 0s fins {
            request: true, command: single_file_write, disk: 0x8000, file: "AUTOEXEC.OBJ",
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "format" {
        at 0s fins {
            request: true, command: file_memory_format, disk: 0x8000, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect match
    }

    test "a file is read" {
        at 0s fins {
            request: true, command: single_file_read, disk: 0x8000, file: "AUTOEXEC.OBJ",
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s fins {
            request: true, command: file_delete, disk: 0x8000, file: "A.OBJ",
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7, dst.asset.maintenance: true
        }
        expect none
    }

    test "the response" {
        at 0s fins {
            request: false, command: single_file_write, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }
}
