# Who sets the clock of a station moves the times of all that it reports, and with them
# what happened before what. IEC 60870-5-101:2003, section 6.7.
param time_sources: set<ip> max 64 = {}

rule clock_set_by_unlisted_host {
    meta {
        id = "OT-IEC104-0007"
        sid = 9220007
        rev = 1
        severity = high
        attack = [ics.T0832, ics.T0856]
        description = "A host that is no time source of the site sets the clock of a station"
        falsepositives = "a control centre that the site has not listed as a time source"
        reference = "https://attack.mitre.org/techniques/T0832/"
    }
    on iec104 as m
    where m.apci == i
        and m.type == c_cs_na_1
        and m.cause == activation
        and m.src.ip not in time_sources
    dedup by (m.src.ip, m.dst.ip) for 1h
    emit {
        title = "{m.src.ip} sets the clock of {m.dst.asset.name ?? m.dst.ip} to {m.time}"
        evidence = [m.common_address, m.time]
    }

    test "a stranger" with { time_sources: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: i, type: c_cs_na_1, cause: activation, time: "2020-01-01T00:00:00Z",
            common_address: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the time source" with { time_sources: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: i, type: c_cs_na_1, cause: activation, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the station confirms" with { time_sources: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: i, type: c_cs_na_1, cause: activation_confirmation, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a test with a time" with { time_sources: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: i, type: c_ts_ta_1, cause: activation, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a frame without an ASDU" with { time_sources: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: u, u_function: testfr_act, control_direction: true, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }
}
