# A fragment that contradicts itself is sent by a fuzzer, by an exploit that counts on a
# buffer, or by a product that breaks the standard. Masters and outstations have crashed on
# each of these.
# IEEE Std 1815-2012, 4.2.2 and 8.2.
rule malformed_message {
    meta {
        id = "OT-DNP3-0021"
        sid = 9218021
        rev = 1
        severity = medium
        attack = [ics.T0814, ics.T0866]
        description = "A DNP3 message contradicts itself"
        falsepositives = "a product that breaks the standard, a capture that lost frames"
        reference = "https://attack.mitre.org/techniques/T0814/"
    }
    on dnp3 as d
    where d.malformed and d.malformed_layer in { transport, application }
    dedup by (d.src.ip, d.dst.ip, d.malformed_why) for 10m
    emit {
        title = "Malformed DNP3 from {d.src.asset.name ?? d.src.ip}: {d.malformed_why}"
        evidence = [d.function, d.malformed_layer, d.malformed_at, d.malformed_why]
    }

    test "a count that does not fit" {
        at 0s dnp3 {
            malformed: true, malformed_layer: application, malformed_at: 12,
            malformed_why: short, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a segment out of sequence" {
        at 0s dnp3 {
            malformed: true, malformed_layer: transport, malformed_at: 0,
            malformed_why: sequence, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a frame is another rule" {
        at 0s dnp3 {
            malformed: true, malformed_layer: link, malformed_at: 8,
            malformed_why: header_checksum, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a sound message" {
        at 0s dnp3 {
            malformed: false, malformed_layer: application, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }
}
