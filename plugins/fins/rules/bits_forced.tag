# A forced bit keeps its state whatever the program or the sensor says, until somebody
# releases it.
rule bits_forced {
    meta {
        id = "OT-FINS-0006"
        sid = 9260006
        rev = 1
        severity = high
        attack = [ics.T0835]
        description = "Inputs or outputs of a controller are forced"
        falsepositives = "commissioning that no window states"
        reference = "https://attack.mitre.org/techniques/T0835/"
    }
    on fins as m
    where m.request
        and m.command == forced_set_reset
        and any i in m.items (i.force in { set, reset })
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} forces {m.quantity} bits of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.quantity, m.items]
    }

    test "one is set" {
        at 0s fins {
            request: true, command: forced_set_reset, quantity: 1,
            items: [{ force: set, area: cio_bit, address: 3, bit: 5 }], src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect match
    }

    test "one is released" {
        at 0s fins {
            request: true, command: forced_set_reset, quantity: 1,
            items: [{ force: release, area: cio_bit, address: 3, bit: 5 }],
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "what is forced is read" {
        at 0s fins {
            request: true, command: multiple_forced_status_read,
            items: [{ force: set, area: cio_bit, address: 3, bit: 5 }], src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s fins {
            request: true, command: forced_set_reset, quantity: 1,
            items: [{ force: set, area: cio_bit, address: 3, bit: 5 }], src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7, dst.asset.maintenance: true
        }
        expect none
    }

    test "not a command" {
        at 0s fins {
            request: false, command: forced_set_reset,
            items: [{ force: set, area: cio_bit, address: 3, bit: 5 }], src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }
}
