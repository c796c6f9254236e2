# An interrogation makes a station tell everything that it knows: the inventory of its
# points, which every attack on them needs first.
# IEC 60870-5-101:2003, sections 6.6 and 6.9.
rule interrogation_by_unlisted_master {
    meta {
        id = "OT-IEC104-0006"
        sid = 9220006
        rev = 1
        severity = medium
        attack = [ics.T0861, ics.T0802]
        description = "A host that is no control centre asks a station for all its values"
        falsepositives = "a historian or gateway that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0861/"
    }
    on iec104 as m
    where m.apci == i
        and m.type in { c_ic_na_1, c_ci_na_1 }
        and m.cause == activation
        and m.src.ip not in masters
    dedup by (m.src.ip, m.dst.ip) for 1h
    emit {
        title = "{m.src.ip} interrogates {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.type, m.common_address, m.qoi, m.qcc.request]
    }

    test "all values" with { masters: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: i, type: c_ic_na_1, cause: activation, qoi: station, common_address: 1,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "all counters" with { masters: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: i, type: c_ci_na_1, cause: activation, qcc.request: general,
            common_address: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the control centre" with { masters: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: i, type: c_ic_na_1, cause: activation, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the station confirms" with { masters: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: i, type: c_ic_na_1, cause: activation_confirmation, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a read of one object" with { masters: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: i, type: c_rd_na_1, cause: activation, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a frame without an ASDU" with { masters: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: u, u_function: testfr_act, control_direction: true, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }
}
