# TCP delivers what was sent, so a wrong checksum of a frame was sent: by a tool that does
# not reckon it, by somebody who changed a frame on its way, or by a gateway that passes on
# the noise of its line.
# IEEE Std 1815-2012, 9.2.4.
rule malformed_frame {
    meta {
        id = "OT-DNP3-0022"
        sid = 9218022
        rev = 1
        severity = medium
        attack = [ics.T0814, ics.T0830]
        description = "A DNP3 link frame is damaged"
        falsepositives = "noise on a serial line behind a gateway"
        reference = "https://attack.mitre.org/techniques/T0814/"
    }
    on dnp3 as d
    where d.malformed and d.malformed_layer == link
    dedup by (d.src.ip, d.dst.ip, d.malformed_why) for 10m
    emit {
        title = "Damaged DNP3 frame from {d.src.asset.name ?? d.src.ip}: {d.malformed_why}"
        evidence = [d.source, d.destination, d.malformed_at, d.malformed_why]
    }

    test "a header" {
        at 0s dnp3 {
            malformed: true, malformed_layer: link, malformed_at: 8,
            malformed_why: header_checksum, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a block" {
        at 0s dnp3 {
            malformed: true, malformed_layer: link, malformed_at: 10,
            malformed_why: data_checksum, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a fragment is another rule" {
        at 0s dnp3 {
            malformed: true, malformed_layer: application, malformed_at: 4,
            malformed_why: qualifier, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a sound frame" {
        at 0s dnp3 {
            malformed: false, malformed_layer: link, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }
}
