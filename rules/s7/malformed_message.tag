# A message that contradicts itself is sent by a fuzzer, by an exploit that counts on a
# buffer, or by broken hardware. Controllers have stopped on such messages.
rule malformed_message {
    meta {
        id = "OT-S7-0015"
        sid = 9230015
        rev = 1
        severity = medium
        attack = [ics.T0814, ics.T0866]
        description = "An S7 message contradicts itself"
        falsepositives = "a product that lays messages out in its own way, a capture that lost bytes"
        reference = "https://attack.mitre.org/techniques/T0814/"
    }
    on s7 as m
    where m.malformed
        and m.malformed_why in {
            short, long, count, length, protocol, rosctr, block, time
        }
    dedup by (m.src.ip, m.dst.ip, m.malformed_why) for 10m
    emit {
        title = "Malformed S7 message from {m.src.asset.name ?? m.src.ip}: {m.malformed_why}"
        evidence = [m.rosctr, m.function, m.service, m.malformed_at, m.malformed_why]
    }

    test "a count that does not fit" {
        at 0s s7 {
            malformed: true, malformed_at: 11, malformed_why: count, rosctr: job,
            function: write_var, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a reason that is not named" {
        at 0s s7 {
            malformed: true, malformed_at: 11, malformed_why: 99, rosctr: job,
            function: write_var, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a sound message" {
        at 0s s7 {
            malformed: false, malformed_why: count, rosctr: job, function: write_var,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }
}
