# A message that contradicts itself is sent by a fuzzer, by an exploit that counts on a
# buffer, or by broken hardware. Controllers have faulted on each of these, and only a
# power cycle brought them back.
rule malformed_message {
    meta {
        id = "OT-CIP-0016"
        sid = 9205016
        rev = 1
        severity = medium
        attack = [ics.T0814, ics.T0866]
        description = "A CIP message contradicts itself"
        falsepositives = "a product that breaks the standard, a capture that lost bytes"
        reference = "https://attack.mitre.org/techniques/T0814/"
    }
    on cip as c
    where c.malformed
        and not c.response
        and c.malformed_why in { short, count, path, segment, service, depth, datatype }
    dedup by (c.src.ip, c.dst.ip, c.malformed_why) for 10m
    emit {
        title = "Malformed CIP from {c.src.asset.name ?? c.src.ip}: {c.malformed_why}"
        evidence = [c.service, c.class, c.malformed_at, c.malformed_why, c.data]
    }

    test "a path longer than the message" {
        at 0s cip {
            response: false, malformed: true, malformed_at: 1, malformed_why: 4,
            service: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "bytes behind the end, as some products send them" {
        at 0s cip {
            response: false, malformed: true, malformed_at: 12, malformed_why: 2,
            service: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a sound message" {
        at 0s cip {
            response: false, malformed: false, service: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a device's own odd reply" {
        at 0s cip {
            response: true, malformed: true, malformed_at: 6, malformed_why: 9,
            service: 76, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
