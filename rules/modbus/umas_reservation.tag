# Who holds the reservation of a Modicon controller may change it, and nobody else can:
# taking it is the first step of every change, and keeping it locks the engineers out.
# Code from public analyses; the maker publishes none.
param umas_owners: set<ip> max 64 = {}

rule umas_reservation {
    meta {
        id = "OT-MODBUS-0013"
        sid = 9200013
        rev = 1
        severity = high
        attack = [ics.T0858, ics.T0813]
        description = "A host that is no engineering station reserves a controller"
        falsepositives = "engineering from a host that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0858/"
    }
    on modbus as m
    where m.request
        and m.function == umas
        and m.umas.function == take_plc_reservation
        and m.src.ip not in umas_owners
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} reserves {m.dst.asset.name ?? m.dst.ip} for itself"
        evidence = [m.unit, m.umas.function, m.umas.data]
    }

    test "a stranger" {
        at 0s modbus {
            request: true, function: 90, umas.function: 16, umas.session: 0, unit: 0,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the engineering station" with { umas_owners: { 10.20.0.5 } } {
        at 0s modbus {
            request: true, function: 90, umas.function: 16, umas.session: 0, unit: 0,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "to give it back" {
        at 0s modbus {
            request: true, function: 90, umas.function: 17, umas.session: 1, unit: 0,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a read of registers" {
        at 0s modbus {
            request: true, function: 3, unit: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s modbus {
            request: false, function: 90, umas.function: 16, umas.session: 0, unit: 0,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
