# Engineering software moves a program into a Modicon controller with functions 48 to 50
# and out of it with 51 to 53. Nobody but the engineering station has business there, and
# even that only while work is planned. The names take the computer's side: what they call
# an upload goes into the controller.
# Liras en la red, The Unity (UMAS) protocol, part III.
rule program_transfer {
    meta {
        id = "OT-UMAS-0001"
        sid = 9200011
        rev = 2
        severity = critical
        attack = [ics.T0843, ics.T0845, ics.T0889]
        description = "A program is moved into or out of a controller"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0843/"
    }
    on umas as m
    where m.request
        and m.function in {
            initialize_upload, upload_block, end_upload, initialize_download,
            download_block, end_download
        }
    unless m.src.ip in umas_stations and maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} transfers a program: {m.function} on {m.dst.asset.name ?? m.dst.ip}"
        evidence = [
            m.op, m.unit, m.function, m.session, m.transfer.file, m.artifact.sha256
        ]
    }

    test "a stranger begins a transfer" {
        at 0s umas {
            request: true, function: initialize_upload, session: 1, unit: 0,
            op: program_download, transfer.file: apx, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the station outside of a window" with { umas_stations: { 10.20.0.5 } } {
        at 0s umas {
            request: true, function: initialize_download, session: 1, unit: 0,
            op: program_upload, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the station in a window" with { umas_stations: { 10.20.0.5 } } {
        at 0s umas {
            request: true, function: initialize_download, session: 1, unit: 0,
            op: program_upload, dst.asset.maintenance: true, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a stranger in a window" with { umas_stations: { 10.20.0.5 } } {
        at 0s umas {
            request: true, function: initialize_download, session: 1, unit: 0,
            op: program_upload, dst.asset.maintenance: true, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "to read variables is no transfer" {
        at 0s umas {
            request: true, function: read_variables, session: 1, unit: 0, op: read,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s umas {
            request: false, function: initialize_upload, session: 1, status: ok,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
