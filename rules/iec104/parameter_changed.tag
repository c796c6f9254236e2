# Parameters of measured values are thresholds, filters and limits: what a station takes
# for worth a report. Another limit silences an alarm without touching the process.
# IEC 60870-5-101:2003, sections 6.10 and 7.3.5.
rule parameter_changed {
    meta {
        id = "OT-IEC104-0010"
        sid = 9220010
        rev = 1
        severity = high
        attack = [ics.T0836, ics.T0838]
        description = "A parameter of a station is loaded or activated"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on iec104 as m
    where m.apci == i
        and m.category == parameter
        and m.cause in { activation, deactivation }
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip, m.common_address) for 10m
    emit {
        title = "{m.src.ip} changes parameters of {m.dst.asset.name ?? m.dst.ip}: {m.type}, object {m.ioa}"
        evidence = [
            m.type, m.cause, m.common_address, m.ioa, m.target.value, m.qpm.kind, m.qpa
        ]
    }

    test "a limit is loaded" {
        at 0s iec104 {
            apci: i, type: p_me_nc_1, category: parameter, cause: activation,
            qpm.kind: high_limit, ioa: 10, common_address: 1, target.value: 500.0,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a parameter is deactivated" {
        at 0s iec104 {
            apci: i, type: p_ac_na_1, category: parameter, cause: deactivation, ioa: 10,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "in a maintenance window" {
        at 0s iec104 {
            apci: i, type: p_me_nc_1, category: parameter, cause: activation, ioa: 10,
            dst.asset.maintenance: true, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the station confirms" {
        at 0s iec104 {
            apci: i, type: p_me_nc_1, category: parameter, cause: activation_confirmation,
            ioa: 10, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a command" {
        at 0s iec104 {
            apci: i, type: c_sc_na_1, category: process_command, cause: activation,
            ioa: 10, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
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
