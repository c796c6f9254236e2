# One set-point of the site, and the values between which its process is safe. A value
# beyond them is an attack or a mistake, whoever sends it.
# IEC 60870-5-101:2003, sections 7.3.2.4 to 7.3.2.6.
param setpoint_object: int = 0
param setpoint_lowest: float = 0.0
param setpoint_highest: float = 100.0

rule setpoint_outside_limits {
    meta {
        id = "OT-IEC104-0004"
        sid = 9220004
        rev = 1
        severity = critical
        attack = [ics.T0836, ics.T0831]
        description = "A set-point is given a value that the process does not stand"
        falsepositives = "limits that were not changed together with the process"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on iec104 as m
    where m.apci == i
        and m.cause == activation
        and m.type in { c_se_na_1, c_se_nb_1, c_se_nc_1, c_se_ta_1, c_se_tb_1, c_se_tc_1 }
        and m.ioa == setpoint_object
        and (m.target.value < setpoint_lowest or m.target.value > setpoint_highest)
    dedup by (m.src.ip, m.dst.ip, m.common_address) for 1m
    emit {
        title = "Set-point {m.ioa} of {m.dst.asset.name ?? m.dst.ip} set to {m.target.value} by {m.src.ip}"
        evidence = [m.type, m.common_address, m.ioa, m.target.value, m.se]
    }

    test "too high" with { setpoint_object: 110 } {
        at 0s iec104 {
            apci: i, type: c_se_nc_1, cause: activation, control_direction: true,
            common_address: 1, ioa: 110, target.value: 250.0, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "too low" with { setpoint_object: 110 } {
        at 0s iec104 {
            apci: i, type: c_se_nc_1, cause: activation, control_direction: true,
            common_address: 1, ioa: 110, target.value: -0.5, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the highest that is allowed" with { setpoint_object: 110 } {
        at 0s iec104 {
            apci: i, type: c_se_nc_1, cause: activation, control_direction: true,
            common_address: 1, ioa: 110, target.value: 100.0, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "another set-point" with { setpoint_object: 110 } {
        at 0s iec104 {
            apci: i, type: c_se_nc_1, cause: activation, control_direction: true,
            common_address: 1, ioa: 111, target.value: 250.0, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "its confirmation" with { setpoint_object: 110 } {
        at 0s iec104 {
            apci: i, type: c_se_nc_1, cause: activation_confirmation, ioa: 110,
            target.value: 250.0, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a bitstring with the same address" with { setpoint_object: 110 } {
        at 0s iec104 {
            apci: i, type: c_bo_na_1, cause: activation, ioa: 110, target.value: 250.0,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a frame without an ASDU" with { setpoint_object: 110 } {
        at 0s iec104 {
            apci: u, u_function: testfr_act, control_direction: true, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }
}
