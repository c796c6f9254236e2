# A station answers that it does not know a type, a cause or an address. A configured
# master asks for nothing that is not there; a scanner asks for everything.
# IEC 60870-5-101:2003, section 7.2.3.
rule asked_for_what_is_not_there {
    meta {
        id = "OT-IEC104-0013"
        sid = 9220013
        rev = 1
        severity = medium
        attack = [ics.T0846, ics.T0861]
        description = "A station does not know what it is asked for"
        falsepositives = "a master that was configured for another station"
        reference = "https://attack.mitre.org/techniques/T0846/"
    }
    on iec104 as m
    where m.apci == i
        and not m.control_direction
        and m.cause in {
            unknown_type, unknown_cause, unknown_common_address, unknown_object_address
        }
    dedup by (m.src.ip, m.dst.ip, m.cause) for 1h
    emit {
        title = "{m.dst.ip} asked {m.src.asset.name ?? m.src.ip} for what it does not have: {m.cause}"
        evidence = [m.type, m.cause, m.common_address, m.ioa]
    }

    test "an object" {
        at 0s iec104 {
            apci: i, type: c_sc_na_1, control_direction: false,
            cause: unknown_object_address, common_address: 1, ioa: 199, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect match
    }

    test "a station" {
        at 0s iec104 {
            apci: i, type: c_sc_na_1, control_direction: false,
            cause: unknown_common_address, common_address: 9, ioa: 100, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect match
    }

    test "a confirmation" {
        at 0s iec104 {
            apci: i, type: c_sc_na_1, control_direction: false,
            cause: activation_confirmation, ioa: 100, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a master says so" {
        at 0s iec104 {
            apci: i, type: m_sp_na_1, control_direction: true, cause: unknown_type,
            ioa: 100, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a frame without an ASDU" {
        at 0s iec104 {
            apci: u, u_function: testfr_act, control_direction: false, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }
}
