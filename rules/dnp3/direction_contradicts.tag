# Masters set the direction bit of a frame, outstations do not. A response with the bit set,
# or a request without it, comes from somebody who is not what it says: values are spoofed
# by a host that is a master at the link, or the other way round.
# IEEE Std 1815-2012, 9.2.4.
rule direction_contradicts {
    meta {
        id = "OT-DNP3-0020"
        sid = 9218020
        rev = 1
        severity = medium
        attack = [ics.T0856, ics.T0830]
        description = "A message contradicts the direction of its frame"
        falsepositives = "a product that sets the bit wrong"
        reference = "https://attack.mitre.org/techniques/T0856/"
    }
    on dnp3 as d
    where not d.malformed
        and d.function is present
        and (
                d.function in { response, unsolicited_response } and d.link.dir
            or d.function in { read, write, select, operate, direct_operate }
                and not d.link.dir
        )
    dedup by (d.src.ip, d.dst.ip, d.source) for 1h
    emit {
        title = "{d.src.ip}: {d.function} against the direction of its frame"
        evidence = [d.function, d.source, d.destination, d.link.dir]
    }

    test "a response of a master" {
        at 0s dnp3 {
            malformed: false, request: false, function: 129, link.dir: true,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a request of an outstation" {
        at 0s dnp3 {
            malformed: false, request: true, function: 1, link.dir: false,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a request of a master" {
        at 0s dnp3 {
            malformed: false, request: true, function: 1, link.dir: true,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a response of an outstation" {
        at 0s dnp3 {
            malformed: false, request: false, function: 129, link.dir: false,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "an unsolicited response of a master" {
        at 0s dnp3 {
            malformed: false, request: false, function: 130, link.dir: true,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a link frame" {
        at 0s dnp3 {
            malformed: false, request: false, link.dir: true, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "what makes no sense is another rule" {
        at 0s dnp3 {
            malformed: true, request: false, function: 129, link.dir: true,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }
}
