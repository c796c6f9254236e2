# To read the program is the first half of changing it unseen, and shows how the process
# works.
param fins_programmers: set<ip> max 64 = {}

rule program_read {
    meta {
        id = "OT-FINS-0004"
        sid = 9260004
        rev = 1
        severity = medium
        attack = [ics.T0845]
        description = "The program of a controller is read from an unusual place"
        falsepositives = "a backup server that is not listed"
        reference = "https://attack.mitre.org/techniques/T0845/"
    }
    on fins as m
    where m.request
        and m.command == program_area_read
        and m.src.ip not in fins_programmers
    dedup by (m.src.ip, m.dst.ip) for 1h
    emit {
        title = "{m.src.ip} reads the program of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.program, m.word, m.length]
    }

    test "a stranger" with { fins_programmers: { 10.20.0.5 } } {
        at 0s fins {
            request: true, command: program_area_read, program: 0xffff, word: 0,
            length: 512, src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "parameters" with { fins_programmers: { 10.20.0.5 } } {
        at 0s fins {
            request: true, command: parameter_area_read, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }

    test "the response" with { fins_programmers: { 10.20.0.5 } } {
        at 0s fins {
            request: false, command: program_area_read, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }

    test "a programmer" with { fins_programmers: { 10.20.0.5 } } {
        at 0s fins {
            request: true, command: program_area_read, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.7
        }
        expect none
    }
}
