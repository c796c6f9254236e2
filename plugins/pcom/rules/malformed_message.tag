# A checksum that does not hold, or a length that contradicts the bytes, is a fault in a device,
# or somebody who looks for one.
rule malformed_message {
    meta {
        id = "OT-PCOM-0008"
        sid = 9261008
        rev = 1
        severity = medium
        attack = [ics.T0855, ics.T1692.001]
        description = "A PCOM message contradicts itself"
        falsepositives = "a device with a fault"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on pcom as m
    where m.malformed and m.malformed_why in { short, long, checksum, length, header }
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} sent {m.dst.asset.name ?? m.dst.ip} a message that makes no sense: {m.malformed_why}"
        evidence = [m.command, m.malformed_why, m.malformed_at, m.data]
    }

    test "a checksum" {
        at 0s pcom {
            request: true, command: "RW", malformed: true, malformed_at: 11,
            malformed_why: checksum, src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "a digit that is none" {
        at 0s pcom {
            request: true, command: "RW", malformed: true, malformed_at: 5,
            malformed_why: digit, src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "a good one" {
        at 0s pcom {
            request: true, command: "RW", malformed: false, malformed_why: checksum,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }
}
