# The programming tool writes logic into memory and flushes it. In the attacks of November 2023
# on water works it was replaced by a picture.
# Team82, Unraveling the Unitronics attack, 2024.
rule logic_replaced {
    meta {
        id = "OT-PCOM-0002"
        sid = 9261002
        rev = 1
        severity = critical
        attack = [ics.T0843, ics.T0889]
        description = "The logic of a controller is replaced"
        falsepositives = "an engineer at work outside of a maintenance window"
        reference = "https://attack.mitre.org/techniques/T0843/"
    }
    on pcom as m
    where m.request
        and m.mode == binary
        and m.function in { write_memory, flush_memory_buffer }
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} replaces the logic of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.function, m.unit, m.details]
    }

    test "memory is written" {
        at 0s pcom {
            request: true, mode: binary, function: write_memory, unit: 1,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "memory is read" {
        at 0s pcom {
            request: true, mode: binary, function: read_memory, unit: 1,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s pcom {
            request: true, mode: binary, function: write_memory, unit: 1,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7, dst.asset.maintenance: true
        }
        expect none
    }

    test "a number in the other form" {
        at 0s pcom {
            request: true, mode: ascii, function: write_memory, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }

    test "the reply" {
        at 0s pcom {
            request: false, mode: binary, function: write_memory, unit: 1,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }
}
