# What moves much is selected before it is executed, so that one wrong octet moves
# nothing. An execution without a selection is a mistake of configuration, or a tool that
# knows nothing of the site. The site says which objects are so operated.
# IEC 60870-5-101:2003, section 6.8.
param select_first: int = 0
param select_last: int = 0x00ff_ffff

rule executed_without_selection {
    meta {
        id = "OT-IEC104-0003"
        sid = 9220003
        rev = 1
        severity = high
        attack = [ics.T0855, ics.T1692.001]
        description = "A command is executed that was not selected before"
        falsepositives = "objects that are operated directly, and lie within the range"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on iec104 as m
    where m.apci == i
        and m.type in { c_sc_na_1, c_dc_na_1, c_rc_na_1, c_sc_ta_1, c_dc_ta_1, c_rc_ta_1 }
        and m.op == direct_operate
        and m.control_direction
        and m.ioa >= select_first
        and m.ioa <= select_last
    dedup by (m.src.ip, m.dst.ip, m.common_address, m.ioa) for 10m
    emit {
        title = "{m.src.ip} executes {m.type} on object {m.ioa} of {m.dst.asset.name ?? m.dst.ip} without a selection"
        evidence = [m.type, m.common_address, m.ioa, m.target.value, m.se]
    }

    test "executed at once" with { select_first: 100, select_last: 104 } {
        at 0s iec104 {
            apci: i, category: process_command, type: c_sc_na_1, cause: activation,
            control_direction: true, negative: false, common_address: 1, ioa: 100,
            se: execute, phase: request, op: direct_operate, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "executed after its selection" with { select_first: 100, select_last: 104 } {
        at 0s iec104 {
            apci: i, category: process_command, type: c_sc_na_1, cause: activation,
            control_direction: true, negative: false, common_address: 1, ioa: 100,
            se: execute, phase: request, op: operate, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the station confirms" with { select_first: 100, select_last: 104 } {
        at 0s iec104 {
            apci: i, op: direct_operate, type: c_sc_na_1, control_direction: false,
            ioa: 100, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a set-point needs no selection" with { select_first: 100, select_last: 104 } {
        at 0s iec104 {
            apci: i, op: direct_operate, type: c_se_nc_1, control_direction: true,
            ioa: 100, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "below the range" with { select_first: 100, select_last: 104 } {
        at 0s iec104 {
            apci: i, op: direct_operate, type: c_sc_na_1, control_direction: true,
            ioa: 99, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "above the range" with { select_first: 100, select_last: 104 } {
        at 0s iec104 {
            apci: i, op: direct_operate, type: c_sc_na_1, control_direction: true,
            ioa: 105, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the last of the range" with { select_first: 100, select_last: 104 } {
        at 0s iec104 {
            apci: i, op: direct_operate, type: c_sc_na_1, control_direction: true,
            ioa: 104, common_address: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a frame without an ASDU" with { select_first: 100, select_last: 104 } {
        at 0s iec104 {
            apci: u, u_function: testfr_act, control_direction: true, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }
}
