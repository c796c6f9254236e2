# The access right keeps two engineers from changing one controller at once. To acquire it
# by force takes it from whoever has it.
rule access_right_taken {
    meta {
        id = "OT-FINS-0007"
        sid = 9260007
        rev = 1
        severity = high
        attack = [ics.T0858, ics.T0814]
        description = "The right to change a controller is taken from its holder"
        falsepositives = "a programming tool that was ended without releasing it"
        reference = "https://attack.mitre.org/techniques/T0858/"
    }
    on fins as m
    where m.request and m.command == access_right_forced_acquire
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} takes the access right of {m.dst.asset.name ?? m.dst.ip} by force"
        evidence = [m.program, m.sa1]
    }

    test "by force" {
        at 0s fins {
            request: true, command: access_right_forced_acquire, program: 0xffff,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "as it should be" {
        at 0s fins {
            request: true, command: access_right_acquire, program: 0xffff,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "the response" {
        at 0s fins {
            request: false, command: access_right_forced_acquire, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }
}
