# Who holds the reservation of a Modicon controller may change it, and nobody else can:
# taking it is the first step of every change, and keeping it locks the engineers out.
# Kaspersky ICS CERT, The secrets of Schneider Electric's UMAS protocol, 2022.
rule reservation {
    meta {
        id = "OT-UMAS-0003"
        sid = 9200013
        rev = 2
        severity = high
        attack = [ics.T0858, ics.T0813]
        description = "A host that is no engineering station reserves a controller"
        falsepositives = "engineering from a host that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0858/"
    }
    on umas as m
    where m.request
        and m.function == take_plc_reservation
        and m.src.ip not in umas_stations
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} reserves {m.dst.asset.name ?? m.dst.ip} for itself"
        evidence = [m.unit, m.function, m.reservation.client, m.data]
    }

    test "a stranger" with { umas_stations: { 10.20.0.5 } } {
        at 0s umas {
            request: true, function: take_plc_reservation, session: 1, unit: 0,
            reservation.client: "USER-1", src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the engineering station" with { umas_stations: { 10.20.0.5 } } {
        at 0s umas {
            request: true, function: take_plc_reservation, session: 1, unit: 0,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "to give it back" with { umas_stations: { 10.20.0.5 } } {
        at 0s umas {
            request: true, function: release_plc_reservation, session: 1, unit: 0,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" with { umas_stations: { 10.20.0.5 } } {
        at 0s umas {
            request: false, function: take_plc_reservation, status: ok,
            reservation.key: 1, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
