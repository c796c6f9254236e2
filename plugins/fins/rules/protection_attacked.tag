# A wrong password in the answer to a command that takes protection away is an engineer who
# mistypes, or somebody who tries.
rule protection_attacked {
    meta {
        id = "OT-FINS-0008"
        sid = 9260008
        rev = 1
        severity = high
        attack = [ics.T0892]
        description = "A password of program protection was wrong"
        falsepositives = "a password that was mistyped"
        reference = "https://attack.mitre.org/techniques/T0892/"
    }
    on fins as m
    where not m.request and m.end_code == incorrect_password
    on_unknown = count
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.dst.ip} gave {m.src.asset.name ?? m.src.ip} a wrong password"
        evidence = [m.command, m.end_code, m.sid]
    }

    test "wrong" {
        at 0s fins {
            request: false, command: program_area_protect_clear,
            end_code: incorrect_password, src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "right" {
        at 0s fins {
            request: false, command: program_area_protect_clear,
            end_code: normal_completion, src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "a command has no end code" {
        at 0s fins {
            request: true, command: program_area_protect_clear,
            end_code: incorrect_password, src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }
}
