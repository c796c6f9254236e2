# A fault record that is deleted before somebody has read it is evidence that is gone.
# IEC 60870-5-101:2003, section 7.2.6.30.
rule file_deleted {
    meta {
        id = "OT-IEC104-0012"
        sid = 9220012
        rev = 1
        severity = high
        attack = [ics.T0809, ics.T0872]
        description = "A file of a station is deleted"
        falsepositives = "housekeeping of a control centre"
        reference = "https://attack.mitre.org/techniques/T0809/"
    }
    on iec104 as m
    where m.apci == i
        and m.type == f_sc_na_1
        and m.file.call == delete_file
        and m.control_direction
    dedup by (m.src.ip, m.dst.ip, m.file.name) for 1h
    emit {
        title = "{m.src.ip} deletes file {m.file.name} of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.common_address, m.ioa, m.file.name]
    }

    test "deleted" {
        at 0s iec104 {
            apci: i, type: f_sc_na_1, control_direction: true, file.call: delete_file,
            file.name: 1, ioa: 200, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "selected" {
        at 0s iec104 {
            apci: i, type: f_sc_na_1, control_direction: true, file.call: select_file,
            file.name: 1, ioa: 200, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "an acknowledgment" {
        at 0s iec104 {
            apci: i, type: f_af_na_1, control_direction: true,
            file.acknowledge: file_accepted, file.name: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the station asks for it" {
        at 0s iec104 {
            apci: i, type: f_sc_na_1, control_direction: false, file.call: delete_file,
            file.name: 1, ioa: 200, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
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
