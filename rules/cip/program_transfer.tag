# A program goes into a controller or out of it, or parts of it are made or deleted:
# with PCCC in older controllers, with services of Logix objects in newer ones. Only the
# engineering station has business there, and even that only while work is planned.
param program_stations: set<ip> max 64 = {}

rule program_transfer {
    meta {
        id = "OT-CIP-0007"
        sid = 9205007
        rev = 1
        severity = critical
        attack = [ics.T0843, ics.T0845, ics.T0889]
        description = "A program is moved into or out of a controller, or changed"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0843/"
    }
    on cip as c
    where not c.response
        and c.op is present
        and c.op in {
            program_download, program_upload, online_edit, block_delete, memory_clear
        }
    unless c.src.ip in program_stations and maintenance(c.dst.asset)
    dedup by (c.src.ip, c.dst.ip, c.op) for 10m
    emit {
        title = "{c.src.ip} changes or copies the program of {c.dst.asset.name ?? c.dst.ip}: {c.op}"
        evidence = [c.op, c.operation, c.pccc.operation, c.class, c.instance]
    }

    test "a stranger uploads" {
        at 0s cip {
            response: false, service: 75, class: 103, pccc.operation: 3923,
            op: program_upload, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a stranger in a window" with { program_stations: { 10.20.0.5 } } {
        at 0s cip {
            response: false, service: 75, class: 103, pccc.operation: 3923,
            op: program_upload, src.ip: 10.30.1.9, dst.ip: 10.10.0.5,
            dst.asset.maintenance: true
        }
        expect match
    }

    test "the station outside of a window" with { program_stations: { 10.20.0.5 } } {
        at 0s cip {
            response: false, service: 9, class: 104, instance: 3, op: block_delete,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the station in a window" with { program_stations: { 10.20.0.5 } } {
        at 0s cip {
            response: false, service: 9, class: 104, instance: 3, op: block_delete,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5, dst.asset.maintenance: true
        }
        expect none
    }

    test "what only carries others" {
        at 0s cip {
            response: false, service: 10, class: 2, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "to write a tag" {
        at 0s cip {
            response: false, service: 77, operation: 27469, op: write, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the reply" {
        at 0s cip {
            response: true, service: 75, class: 103, pccc.operation: 3923,
            op: program_upload, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
