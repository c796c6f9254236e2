# To read the logic shows how the process works, and is the first half of changing it unseen.
param pcom_programmers: set<ip> max 64 = {}

rule logic_read {
    meta {
        id = "OT-PCOM-0004"
        sid = 9261004
        rev = 1
        severity = medium
        attack = [ics.T0845]
        description = "The logic of a controller is read from an unusual place"
        falsepositives = "an engineering station that is not listed"
        reference = "https://attack.mitre.org/techniques/T0845/"
    }
    on pcom as m
    where m.request
        and m.mode == binary
        and m.function == read_memory
        and m.src.ip not in pcom_programmers
    dedup by (m.src.ip, m.dst.ip) for 1h
    emit {
        title = "{m.src.ip} reads the logic of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.function, m.details]
    }

    test "a stranger" with { pcom_programmers: { 10.20.0.5 } } {
        at 0s pcom {
            request: true, mode: binary, function: read_memory, unit: 1,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "data tables" with { pcom_programmers: { 10.20.0.5 } } {
        at 0s pcom {
            request: true, mode: binary, function: read_data_tables, unit: 1,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "a number in the other form" with { pcom_programmers: { 10.20.0.5 } } {
        at 0s pcom {
            request: true, mode: ascii, function: read_memory, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }

    test "the reply" with { pcom_programmers: { 10.20.0.5 } } {
        at 0s pcom {
            request: false, mode: binary, function: read_memory, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }

    test "a programmer" with { pcom_programmers: { 10.20.0.5 } } {
        at 0s pcom {
            request: true, mode: binary, function: read_memory, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.7
        }
        expect none
    }
}
