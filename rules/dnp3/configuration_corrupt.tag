# An outstation says that the configuration it holds is damaged. It may go on with defaults,
# or not at all.
# IEEE Std 1815-2012, 4.5, IIN2.5.
rule configuration_corrupt {
    meta {
        id = "OT-DNP3-0017"
        sid = 9218017
        rev = 1
        severity = high
        attack = [ics.T0809, ics.T0826]
        description = "An outstation reports a corrupt configuration"
        falsepositives = "none known"
        reference = "https://attack.mitre.org/techniques/T0809/"
    }
    on dnp3 as d
    where d.iin is present
        and d.function in { response, unsolicited_response, authenticate_resp }
        and d.indication.config_corrupt
    dedup by (d.src.ip, d.source) for 1h
    emit {
        title = "{d.src.asset.name ?? d.src.ip} reports a corrupt configuration"
        evidence = [d.source, d.iin, d.request_function]
    }

    test "the indication" {
        at 0s dnp3 {
            request: false, function: 129, source: 10, iin: 0x8020,
            indication.config_corrupt: true, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect match
    }

    test "unsolicited" {
        at 0s dnp3 {
            request: false, function: 130, source: 10, iin: 0x8020,
            indication.config_corrupt: true, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect match
    }

    test "when challenged" {
        at 0s dnp3 {
            request: false, function: 131, source: 10, iin: 0x8020,
            indication.config_corrupt: true, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect match
    }

    test "no response" {
        at 0s dnp3 {
            request: true, function: 2, source: 10, iin: 0x8020,
            indication.config_corrupt: true, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a link frame" {
        at 0s dnp3 { request: false, source: 10, src.ip: 10.10.0.5, dst.ip: 10.30.1.9 }
        expect none
    }

    test "another" {
        at 0s dnp3 {
            request: false, function: 129, source: 10, iin: 0x8020,
            indication.config_corrupt: false, indication.device_trouble: true,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
