# Engineering software moves a program into a Modicon controller with UMAS functions 48
# to 50 and out of it with 51 to 53, inside Modbus function 90. Nobody but the
# engineering station has business there, and even that only while work is planned.
# Codes and their meaning are from public analyses; the maker publishes none. Their
# names take the computer's side: what they call an upload goes into the controller.
param umas_stations: set<ip> max 64 = {}

rule umas_program_transfer {
    meta {
        id = "OT-MODBUS-0011"
        sid = 9200011
        rev = 1
        severity = critical
        attack = [ics.T0843, ics.T0845, ics.T0889]
        description = "A program is moved into or out of a controller by UMAS"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0843/"
    }
    on modbus as m
    where m.request
        and m.function == umas
        and m.umas.function in {
            initialize_upload, upload_block, end_upload, initialize_download,
            download_block, end_download
        }
    unless m.src.ip in umas_stations and maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} transfers a program: {m.umas.function} on {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.op, m.unit, m.umas.function, m.umas.session]
    }

    test "a stranger begins a transfer" {
        at 0s modbus {
            request: true, function: 90, op: program_download, umas.function: 48,
            umas.session: 0, unit: 0, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the station outside of a window" with { umas_stations: { 10.20.0.5 } } {
        at 0s modbus {
            request: true, function: 90, op: program_upload, umas.function: 51,
            umas.session: 1, unit: 0, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the station in a window" with { umas_stations: { 10.20.0.5 } } {
        at 0s modbus {
            request: true, function: 90, op: program_upload, umas.function: 51,
            umas.session: 1, unit: 0, src.ip: 10.20.0.5, dst.ip: 10.10.0.5,
            dst.asset.maintenance: true
        }
        expect none
    }

    test "a stranger in a window" {
        at 0s modbus {
            request: true, function: 90, op: program_upload, umas.function: 51,
            umas.session: 1, unit: 0, src.ip: 10.30.1.9, dst.ip: 10.10.0.5,
            dst.asset.maintenance: true
        }
        expect match
    }

    test "to read variables is no transfer" {
        at 0s modbus {
            request: true, function: 90, op: read, umas.function: 34, umas.session: 0,
            unit: 0, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a read of registers" {
        at 0s modbus {
            request: true, function: 3, unit: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s modbus {
            request: false, function: 90, op: program_download, umas.function: 48,
            umas.session: 0, unit: 0, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
