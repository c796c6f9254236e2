# A message that contradicts itself is sent by a fuzzer or by an exploit that counts on a
# buffer; several denials of service of Modicon controllers were found so.
# Cisco Talos on the Modicon M580, 2019.
rule malformed_umas {
    meta {
        id = "OT-UMAS-0011"
        sid = 9210011
        rev = 1
        severity = medium
        attack = [ics.T0814, ics.T0866]
        description = "A UMAS message contradicts itself"
        falsepositives = "a layout of newer firmware that nobody has described"
        reference = "https://attack.mitre.org/techniques/T0814/"
    }
    on umas as m
    where m.malformed and m.request and m.malformed_why in { short, count }
    dedup by (m.src.ip, m.dst.ip, m.malformed_why) for 10m
    emit {
        title = "Malformed UMAS from {m.src.ip} to {m.dst.asset.name ?? m.dst.ip}: {m.malformed_why}"
        evidence = [m.function, m.malformed_at, m.malformed_why, m.data]
    }

    test "a length that is not true" {
        at 0s umas {
            malformed: true, malformed_why: count, malformed_at: 14, request: true,
            function: upload_block, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a sound one" {
        at 0s umas {
            malformed: false, request: true, function: upload_block, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a fault that a request cannot have" {
        at 0s umas {
            malformed: true, malformed_why: status, malformed_at: 9, request: true,
            function: read_id, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "an answer" {
        at 0s umas {
            malformed: true, malformed_why: count, request: false, function: read_id,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
