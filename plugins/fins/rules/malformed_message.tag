# Stacks write frames that are right. A count that contradicts the bytes, or a frame that ends
# early, is a fault in a device, or somebody who looks for one.
rule malformed_message {
    meta {
        id = "OT-FINS-0015"
        sid = 9260015
        rev = 1
        severity = medium
        attack = [ics.T0855, ics.T1692.001]
        description = "A FINS frame contradicts itself"
        falsepositives = "a device with a fault"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on fins as m
    where m.malformed and m.malformed_why in { short, long, count, length, header }
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} sent {m.dst.asset.name ?? m.dst.ip} a frame that makes no sense: {m.malformed_why}"
        evidence = [m.command, m.malformed_why, m.malformed_at, m.data]
    }

    test "a count" {
        at 0s fins {
            request: true, command: memory_area_write, malformed: true, malformed_at: 16,
            malformed_why: count, src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "a clock that is no time" {
        at 0s fins {
            request: true, command: clock_write, malformed: true, malformed_at: 12,
            malformed_why: clock, src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "a good one" {
        at 0s fins {
            request: true, command: memory_area_write, malformed: false,
            malformed_why: count, src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }
}
