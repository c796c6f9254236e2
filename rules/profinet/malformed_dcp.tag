# A frame that contradicts itself is sent by a fuzzer, by an exploit that counts on a
# buffer, or by broken hardware. Devices have crashed on lengths like these.
# IEC 61158-6-10, 4.3.
rule malformed_dcp {
    meta {
        id = "OT-PROFINET-0011"
        sid = 9300011
        rev = 1
        severity = medium
        attack = [ics.T0814, ics.T0866]
        description = "A DCP frame contradicts itself"
        falsepositives = "a product that breaks the standard"
        reference = "https://attack.mitre.org/techniques/T0814/"
    }
    on dcp as d
    where d.malformed and d.malformed_why in { short, length, block_length, service }
    on_unknown = count
    dedup by (d.src.mac, d.malformed_why) for 10m
    emit {
        title = "Malformed DCP from {d.src.mac}: {d.malformed_why}"
        evidence = [d.service, d.block, d.data_length, d.malformed_at, d.malformed_why]
    }

    test "a block that is too long" {
        at 0s dcp {
            request: true, service: 4, malformed: true, malformed_at: 14,
            malformed_why: block_length, src.mac: 02:00:00:00:30:09,
            dst.mac: 02:00:00:00:10:05
        }
        expect match
    }

    test "a sound frame" {
        at 0s dcp {
            request: true, service: 4, malformed: false, malformed_why: block_length,
            src.mac: 02:00:00:00:30:09, dst.mac: 02:00:00:00:10:05
        }
        expect none
    }

    test "a reason that is not known" {
        at 0s dcp {
            request: true, service: 4, malformed: true, malformed_why: 99,
            src.mac: 02:00:00:00:30:09, dst.mac: 02:00:00:00:10:05
        }
        expect none
    }
}
