# The key of a reservation has one byte and belongs to no connection: 256 attempts take a
# reservation away from its owner. A controller that refuses to give back what the sender
# does not hold shows such an attempt.
# Airbus CyberSecurity on CVE-2020-28212, 2020.
rule session_guessed {
    meta {
        id = "OT-UMAS-0004"
        sid = 9210004
        rev = 1
        severity = high
        attack = [ics.T0866, ics.T0813]
        description = "A controller refuses to release a reservation"
        falsepositives = "engineering software that was restarted"
        reference = "https://attack.mitre.org/techniques/T0866/"
    }
    on umas as m
    where not m.request and m.function == release_plc_reservation and m.status == error
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.dst.ip} tries to end a reservation of {m.src.asset.name ?? m.src.ip} that it does not hold"
        evidence = [m.unit, m.function, m.session, m.status, m.error]
    }

    test "refused" {
        at 0s umas {
            request: false, function: release_plc_reservation, status: error, session: 7,
            unit: 0, error: 0x80, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect match
    }

    test "given back" {
        at 0s umas {
            request: false, function: release_plc_reservation, status: ok, session: 7,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a state that is refused" {
        at 0s umas {
            request: false, function: read_plc_info, status: error, session: 7,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "the attempt itself" {
        at 0s umas {
            request: true, function: release_plc_reservation, status: error, session: 7,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }
}
