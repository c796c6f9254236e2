# A memory block or a physical address that is written is code or configuration changed
# without a transfer: the way of implants, and of engineering software only while a
# program is changed online.
# Black Hat Europe 2024, From Pass-the-Hash to Code Execution on Schneider Electric M340.
rule memory_written {
    meta {
        id = "OT-UMAS-0006"
        sid = 9210006
        rev = 1
        severity = critical
        attack = [ics.T0889, ics.T0835]
        description = "The memory of a controller is written"
        falsepositives = "a change of the running program by an engineer"
        reference = "https://attack.mitre.org/techniques/T0889/"
    }
    on umas as m
    where m.request and m.function in { write_memory_block, write_physical_address }
    unless m.src.ip in umas_stations and maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} writes the memory of {m.dst.asset.name ?? m.dst.ip}: {m.function}"
        evidence = [m.unit, m.function, m.session, m.data]
    }

    test "a stranger writes a block" with { umas_stations: { 10.20.0.5 } } {
        at 0s umas {
            request: true, function: write_memory_block, session: 1, unit: 0,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a stranger writes an address in a window" with {
        umas_stations: { 10.20.0.5 }
    } {
        at 0s umas {
            request: true, function: write_physical_address, session: 1, unit: 0,
            dst.asset.maintenance: true, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the station outside of a window" with { umas_stations: { 10.20.0.5 } } {
        at 0s umas {
            request: true, function: write_memory_block, session: 1, unit: 0,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the station in a window" with { umas_stations: { 10.20.0.5 } } {
        at 0s umas {
            request: true, function: write_memory_block, session: 1, unit: 0,
            dst.asset.maintenance: true, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a block is read" with { umas_stations: { 10.20.0.5 } } {
        at 0s umas {
            request: true, function: read_memory_block, session: 1, unit: 0,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" with { umas_stations: { 10.20.0.5 } } {
        at 0s umas {
            request: false, function: write_memory_block, status: ok, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }
}
