# The common address of all ones means all stations. The standard allows it for
# interrogation, counters, clock and reset; a command to all of them is no operation of
# any control centre. IEC 60870-5-101:2003, section 7.2.4.
rule broadcast_command {
    meta {
        id = "OT-IEC104-0005"
        sid = 9220005
        rev = 1
        severity = critical
        attack = [ics.T0855, ics.T1692.001, ics.T0806]
        description = "A command goes to all stations at once"
        falsepositives = "none that is known"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on iec104 as m
    where m.apci == i
        and m.broadcast
        and m.category == process_command
        and m.cause == activation
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} commands all stations behind {m.dst.asset.name ?? m.dst.ip}: {m.type}, object {m.ioa}"
        evidence = [m.type, m.ioa, m.target.value, m.se]
    }

    test "to all" {
        at 0s iec104 {
            apci: i, category: process_command, type: c_sc_na_1, cause: activation,
            control_direction: true, negative: false, common_address: 1, ioa: 100,
            se: execute, phase: request, broadcast: true, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "to one" {
        at 0s iec104 {
            apci: i, category: process_command, type: c_sc_na_1, cause: activation,
            control_direction: true, negative: false, common_address: 1, ioa: 100,
            se: execute, phase: request, broadcast: false, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "an interrogation of all" {
        at 0s iec104 {
            apci: i, type: c_ic_na_1, category: system_command, cause: activation,
            broadcast: true, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a refusal of it" {
        at 0s iec104 {
            apci: i, type: c_sc_na_1, category: process_command,
            cause: unknown_common_address, broadcast: true, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a frame without an ASDU" {
        at 0s iec104 {
            apci: u, u_function: testfr_act, control_direction: true, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }
}
