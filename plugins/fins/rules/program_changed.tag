# The program of a CPU unit is written, erased, or taken from a file. Whoever may do so
# decides what the machine does.
rule program_changed {
    meta {
        id = "OT-FINS-0003"
        sid = 9260003
        rev = 1
        severity = critical
        attack = [ics.T0843, ics.T0889]
        description = "The program of a controller is written or erased"
        falsepositives = "an engineer at work outside of a maintenance window"
        reference = "https://attack.mitre.org/techniques/T0843/"
    }
    on fins as m
    where m.request
        and m.command in {
            program_area_write, program_area_clear, program_area_file_transfer
        }
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} changes the program of {m.dst.asset.name ?? m.dst.ip} ({m.command})"
        evidence = [m.command, m.program, m.word, m.length, m.last]
    }

    test "a part is written" {
        at 0s fins {
            request: true, command: program_area_write, program: 0xffff, word: 0,
            length: 512, src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "it is erased" {
        at 0s fins {
            request: true, command: program_area_clear, program: 0xffff,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "it is read" {
        at 0s fins {
            request: true, command: program_area_read, program: 0xffff, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s fins {
            request: true, command: program_area_write, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7, dst.asset.maintenance: true
        }
        expect none
    }

    test "the response" {
        at 0s fins {
            request: false, command: program_area_write, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }
}
