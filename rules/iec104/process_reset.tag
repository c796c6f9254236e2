# The reset command restarts a station, or throws away the events that it has not yet
# reported. Either is planned work, or it blinds the control centre.
# IEC 60870-5-101:2003, section 7.3.4.6.
rule process_reset {
    meta {
        id = "OT-IEC104-0008"
        sid = 9220008
        rev = 1
        severity = critical
        attack = [ics.T0816, ics.T0872]
        description = "A station is reset"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0816/"
    }
    on iec104 as m
    where m.apci == i and m.type == c_rp_na_1 and m.cause == activation
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip, m.qrp) for 10m
    emit {
        title = "{m.src.ip} resets {m.dst.asset.name ?? m.dst.ip}: {m.qrp}"
        evidence = [m.common_address, m.qrp]
    }

    test "a reset of the process" {
        at 0s iec104 {
            apci: i, type: c_rp_na_1, cause: activation, qrp: process, common_address: 1,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "in a maintenance window" {
        at 0s iec104 {
            apci: i, type: c_rp_na_1, cause: activation, qrp: process,
            dst.asset.maintenance: true, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the station confirms" {
        at 0s iec104 {
            apci: i, type: c_rp_na_1, cause: activation_confirmation, qrp: process,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a test" {
        at 0s iec104 {
            apci: i, type: c_ts_na_1, cause: activation, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
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
