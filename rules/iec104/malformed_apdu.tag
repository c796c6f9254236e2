# An APDU that contradicts itself is sent by a fuzzer, by an exploit that counts on a
# buffer, or by broken software. Stations have crashed on each of these.
# IEC 60870-5-104:2006, section 5; IEC 60870-5-101:2003, section 7.2.
rule malformed_apdu {
    meta {
        id = "OT-IEC104-0016"
        sid = 9220016
        rev = 1
        severity = medium
        attack = [ics.T0814, ics.T0866]
        description = "An APDU contradicts itself"
        falsepositives = "a product that breaks the standard, a capture that lost bytes"
        reference = "https://attack.mitre.org/techniques/T0814/"
    }
    on iec104 as m
    where m.malformed
        and m.malformed_why in { short, long, length, control, type, number }
    dedup by (m.src.ip, m.dst.ip, m.malformed_why) for 10m
    emit {
        title = "Malformed APDU from {m.src.asset.name ?? m.src.ip}: {m.malformed_why}"
        evidence = [m.type, m.length, m.malformed_at, m.malformed_why]
    }

    test "the bytes end too early" {
        at 0s iec104 {
            malformed: true, malformed_why: short, malformed_at: 23, type: m_me_nc_1,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "bytes between two frames" {
        at 0s iec104 {
            malformed: true, malformed_why: start, malformed_at: 0, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a sound one" {
        at 0s iec104 {
            malformed: false, malformed_why: short, type: m_me_nc_1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }
}
