# A station whose data transfer is stopped reports nothing, not even a trip. A control
# centre does so to the connection that it gives up; nobody else has reason to.
# IEC 60870-5-104:2006, section 5.3.
rule data_transfer_stopped {
    meta {
        id = "OT-IEC104-0009"
        sid = 9220009
        rev = 1
        severity = high
        attack = [ics.T0804, ics.T0815]
        description = "A host that is no control centre stops the data transfer of a station"
        falsepositives = "a control centre that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0804/"
    }
    on iec104 as m
    where m.apci == u and m.u_function == stopdt_act and m.src.ip not in masters
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} stops the data transfer of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.u_function, m.src.zone]
    }

    test "a stranger" with { masters: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: u, u_function: stopdt_act, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the control centre" with { masters: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: u, u_function: stopdt_act, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "data transfer is started" with { masters: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: u, u_function: startdt_act, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "an information frame" with { masters: { 10.20.0.5 } } {
        at 0s iec104 { apci: i, type: c_sc_na_1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }
}
