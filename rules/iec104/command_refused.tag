# A station refuses a command: a selection is missing, the object is blocked or switched
# to local. Once it is the operator's matter; from a host that tries, it is how to learn
# what would work. IEC 60870-5-101:2003, section 6.8.
rule command_refused {
    meta {
        id = "OT-IEC104-0014"
        sid = 9220014
        rev = 1
        severity = low
        attack = [ics.T0855, ics.T1692.001]
        description = "A station refuses a command"
        falsepositives = "interlocks and local operation"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on iec104 as m
    where m.apci == i
        and m.category == process_command
        and m.command_state == rejected
        and m.cause == activation_confirmation
    dedup by (m.src.ip, m.dst.ip, m.ioa) for 1h
    emit {
        title = "{m.src.asset.name ?? m.src.ip} refuses {m.type} on object {m.ioa} from {m.dst.ip}"
        evidence = [m.type, m.cause, m.common_address, m.ioa, m.se, m.latency]
    }

    test "refused" {
        at 0s iec104 {
            apci: i, type: c_dc_na_1, category: process_command,
            cause: activation_confirmation, command_state: rejected, ioa: 130,
            common_address: 1, se: execute, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect match
    }

    test "confirmed" {
        at 0s iec104 {
            apci: i, type: c_dc_na_1, category: process_command,
            cause: activation_confirmation, command_state: confirmed, ioa: 130,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a reset is refused" {
        at 0s iec104 {
            apci: i, type: c_rp_na_1, category: system_command,
            cause: activation_confirmation, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "not known at all" {
        at 0s iec104 {
            apci: i, type: c_dc_na_1, category: process_command,
            cause: unknown_object_address, command_state: rejected, ioa: 130,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
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
