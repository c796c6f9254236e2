# A call that contradicts itself is sent by a fuzzer, by an exploit that counts on a
# buffer, or by a product that is broken. Devices have crashed on lengths like these.
# IEC 61158-6-10, 4.10 and 5.2.
rule malformed_call {
    meta {
        id = "OT-PROFINET-0019"
        sid = 9300019
        rev = 1
        severity = medium
        attack = [ics.T0814, ics.T0866]
        description = "A PROFINET IO message contradicts itself"
        falsepositives = "a product that breaks the standard, a capture that lost fragments"
        reference = "https://attack.mitre.org/techniques/T0814/"
    }
    on pnio as p
    where p.malformed and p.malformed_why in { short, length, arguments, block_length }
    on_unknown = count
    dedup by (p.src.ip, p.src.mac, p.malformed_why) for 10m
    emit {
        title = "Malformed PROFINET IO from {p.src.asset.name ?? p.src.mac}: {p.malformed_why}"
        evidence = [
            p.operation, p.frame_id, p.args_length, p.malformed_at, p.malformed_why
        ]
    }

    test "a block that is too long" {
        at 0s pnio {
            request: true, operation: 0, malformed: true, malformed_at: 22,
            malformed_why: length, src.mac: 02:00:00:00:30:09, src.ip: 192.168.10.99,
            dst.ip: 192.168.10.5
        }
        expect match
    }

    test "an alarm that ends too early" {
        at 0s pnio {
            malformed: true, malformed_at: 8, malformed_why: short, frame_id: 0xfc01,
            src.mac: 02:00:00:00:30:09, dst.mac: 02:00:00:00:10:05
        }
        expect match
    }

    test "a sound message" {
        at 0s pnio {
            request: true, operation: 0, malformed: false, malformed_why: length,
            src.mac: 02:00:00:00:30:09, src.ip: 192.168.10.99, dst.ip: 192.168.10.5
        }
        expect none
    }

    test "a reason that is not known" {
        at 0s pnio {
            request: true, operation: 0, malformed: true, malformed_why: 99,
            src.mac: 02:00:00:00:30:09, src.ip: 192.168.10.99, dst.ip: 192.168.10.5
        }
        expect none
    }
}
