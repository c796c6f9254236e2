# Commands and set-points move breakers, valves and taps. They come from a control centre
# or from nobody. Industroyer sent them from a computer in the office.
# IEC 60870-5-101:2003, sections 6.8 and 7.3.2.
rule command_from_unlisted_master {
    meta {
        id = "OT-IEC104-0002"
        sid = 9220002
        rev = 1
        severity = critical
        attack = [ics.T0855, ics.T1692.001, ics.T0831]
        description = "A host that is no control centre commands a station"
        falsepositives = "a control centre that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on iec104 as m
    where m.apci == i
        and m.category == process_command
        and m.cause in { activation, deactivation }
        and m.src.ip not in masters
    dedup by (m.src.ip, m.dst.ip, m.common_address) for 10m
    emit {
        title = "{m.src.ip} commands {m.dst.asset.name ?? m.dst.ip}: {m.type}, object {m.ioa}"
        evidence = [
            m.type, m.cause, m.common_address, m.ioa, m.target.value, m.se, m.objects
        ]
    }

    test "a single command" with { masters: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: i, category: process_command, type: c_sc_na_1, cause: activation,
            control_direction: true, negative: false, common_address: 1, ioa: 100,
            se: execute, phase: request, target.value: 1.0, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a selection is withdrawn" with { masters: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: i, category: process_command, type: c_sc_na_1, cause: deactivation,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the control centre" with { masters: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: i, category: process_command, type: c_sc_na_1, cause: activation,
            control_direction: true, negative: false, common_address: 1, ioa: 100,
            se: execute, phase: request, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the station confirms" with { masters: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: i, category: process_command, type: c_sc_na_1,
            cause: activation_confirmation, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "an interrogation is no command" with { masters: { 10.20.0.5 } } {
        at 0s iec104 {
            apci: i, category: system_command, type: c_ic_na_1, cause: activation,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
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
