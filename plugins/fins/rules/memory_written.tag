# Setpoints, counters and outputs are words of memory. Panels and servers that write them
# are few and known.
param fins_writers: set<ip> max 256 = {}

rule memory_written {
    meta {
        id = "OT-FINS-0005"
        sid = 9260005
        rev = 1
        severity = high
        attack = [ics.T0836, ics.T0855, ics.T1692.001]
        description = "Memory of a controller is written from an unusual place"
        falsepositives = "a panel that is not listed"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on fins as m
    where m.request
        and m.command in { memory_area_write, memory_area_fill, memory_area_transfer }
        and m.src.ip not in fins_writers
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} writes {m.area} {m.address} of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.command, m.area, m.address_range, m.values]
    }

    test "a setpoint" with { fins_writers: { 10.20.0.5 } } {
        at 0s fins {
            request: true, command: memory_area_write, area: dm_word, address: 200,
            quantity: 1, values: [291], src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "all of DM filled" with { fins_writers: { 10.20.0.5 } } {
        at 0s fins {
            request: true, command: memory_area_fill, area: dm_word, address: 0,
            quantity: 10000, src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "a read" with { fins_writers: { 10.20.0.5 } } {
        at 0s fins {
            request: true, command: memory_area_read, area: dm_word, address: 200,
            quantity: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "the response" with { fins_writers: { 10.20.0.5 } } {
        at 0s fins {
            request: false, command: memory_area_write, area: dm_word, address: 200,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "a panel" with { fins_writers: { 10.20.0.5 } } {
        at 0s fins {
            request: true, command: memory_area_write, area: dm_word, address: 200,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.7
        }
        expect none
    }
}
