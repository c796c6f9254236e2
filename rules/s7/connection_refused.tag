# A controller refuses a connection to a rack and slot that holds nothing. Scanners try
# one slot after the other.
rule connection_refused {
    meta {
        id = "OT-S7-0018"
        sid = 9230018
        rev = 1
        severity = medium
        attack = [ics.T0846, ics.T0888]
        description = "A connection to a controller's rack and slot is refused"
        falsepositives = "a panel that is configured for another slot"
        reference = "https://attack.mitre.org/techniques/T0846/"
    }
    on cotp as m
    where m.refused and m.type in { disconnect_request, error }
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.asset.name ?? m.src.ip} refuses a connection of {m.dst.ip}"
        evidence = [m.type, m.reason]
    }

    test "refused" {
        at 0s cotp {
            refused: true, type: disconnect_request, reason: address_unknown,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect match
    }

    test "a confirmation" {
        at 0s cotp {
            refused: true, type: connection_confirm, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "closed" {
        at 0s cotp {
            refused: false, type: disconnect_request, reason: normal, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }
}
