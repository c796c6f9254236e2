# A message that contradicts itself is sent by a fuzzer, by an exploit that counts on a
# buffer, or by broken hardware. Devices have crashed on each of these. A checksum that
# does not hold is left out: on a serial line that is noise.
# MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.3.
rule malformed_message {
    meta {
        id = "OT-MODBUS-0014"
        sid = 9200014
        rev = 1
        severity = medium
        attack = [ics.T0814, ics.T0866]
        description = "A Modbus message contradicts itself"
        falsepositives = "a product that breaks the standard, a capture that lost bytes"
        reference = "https://attack.mitre.org/techniques/T0814/"
    }
    on modbus as m
    where m.malformed
        and m.malformed_why in { short, long, count, protocol, length, function }
    dedup by (m.src.ip, m.dst.ip, m.malformed_why) for 10m
    emit {
        title = "Malformed Modbus from {m.src.asset.name ?? m.src.ip}: {m.malformed_why}"
        evidence = [m.function, m.unit, m.length, m.malformed_at, m.malformed_why]
    }

    test "a count that does not fit" {
        at 0s modbus {
            malformed: true, malformed_at: 12, malformed_why: count, function: 16,
            unit: 1, length: 11, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "noise on a serial line behind a gateway" {
        at 0s modbus {
            malformed: true, malformed_at: 6, malformed_why: checksum, function: 3,
            unit: 1, src.ip: 10.10.0.7, dst.ip: 10.20.0.5
        }
        expect none
    }

    test "a sound message" {
        at 0s modbus {
            malformed: false, function: 16, unit: 1, length: 11, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }
}
