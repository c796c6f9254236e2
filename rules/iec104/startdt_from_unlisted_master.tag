# A controlled station sends nothing before a master has started data transfer. A host
# that starts it and is no control centre of the site makes itself a second master.
# IEC 60870-5-104:2006, section 5.3.
rule startdt_from_unlisted_master {
    meta {
        id = "OT-IEC104-0001"
        sid = 9220001
        rev = 1
        severity = high
        attack = [ics.T0848]
        description = "A host that is no control centre starts data transfer"
        falsepositives = "a new control centre, a test set that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0848/"
    }
    on iec104 as m
    where m.apci == u and m.u_function == startdt_act and m.src.ip not in masters
    dedup by (m.src.ip, m.dst.ip) for 1h
    emit {
        title = "{m.src.ip} starts data transfer with {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.u_function, m.src.zone]
    }

    test "a stranger" with { masters: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: u, u_function: startdt_act, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the control centre" with { masters: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: u, u_function: startdt_act, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a test of the connection" with { masters: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: u, u_function: testfr_act, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "an information frame" with { masters: { 10.20.0.5 } } {
        at 0s iec104 { apci: i, type: c_sc_na_1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }
}
