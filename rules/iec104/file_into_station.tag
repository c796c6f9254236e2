# A master that says that a file is ready moves it into the station: settings, a program,
# firmware, whatever the maker made of it. Files of fault records go the other way.
# IEC 60870-5-101:2003, sections 6.12 and 7.3.6.
rule file_into_station {
    meta {
        id = "OT-IEC104-0011"
        sid = 9220011
        rev = 1
        severity = high
        attack = [ics.T0867, ics.T0843]
        description = "A file is moved into a station"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0867/"
    }
    on iec104 as m
    where m.apci == i and m.type == f_fr_na_1 and m.control_direction
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} moves file {m.file.name} into {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.common_address, m.ioa, m.file.name, m.file.length]
    }

    test "a file is ready" {
        at 0s iec104 {
            apci: i, type: f_fr_na_1, control_direction: true, file.name: 2,
            file.length: 6, ioa: 200, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a fault record" {
        at 0s iec104 {
            apci: i, type: f_fr_na_1, control_direction: false, file.name: 2,
            file.length: 6, ioa: 200, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s iec104 {
            apci: i, type: f_fr_na_1, control_direction: true, file.name: 2,
            dst.asset.maintenance: true, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a file is called for" {
        at 0s iec104 {
            apci: i, type: f_sc_na_1, control_direction: true, file.name: 2,
            file.call: request_file, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
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
