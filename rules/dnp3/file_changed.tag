# Files of an outstation are its configuration, its logs, on some makes its firmware.
# Whoever writes one changes what the device is; whoever deletes one removes what it knew.
# IEEE Std 1815-2012, 4.4; Annex A, group 70.
param file_writers: set<ip> max 64 = {}

rule file_changed {
    meta {
        id = "OT-DNP3-0009"
        sid = 9218009
        rev = 1
        severity = high
        attack = [ics.T0843, ics.T0809, ics.T0889]
        description = "A file of an outstation is written or deleted by an unlisted host"
        falsepositives = "configuration from a host that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0843/"
    }
    on dnp3 as d
    where d.request
        and d.op is present
        and d.op in { file_write, file_delete }
        and d.phase in { start, request }
        and d.src.ip not in file_writers
    unless maintenance(d.dst.asset)
    dedup by (d.src.ip, d.dst.ip, d.file.name) for 10m
    emit {
        title = "{d.src.ip}: {d.op} {d.file.name} on {d.dst.asset.name ?? d.dst.ip}"
        evidence = [d.function, d.destination, d.file.name, d.file.size]
    }

    test "written" {
        at 0s dnp3 {
            request: true, function: 25, op: file_write, phase: start,
            file.name: "/relay.cfg", src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "deleted" {
        at 0s dnp3 {
            request: true, function: 27, op: file_delete, phase: request,
            file.name: "/events.log", src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "in a maintenance window" {
        at 0s dnp3 {
            request: true, function: 25, op: file_write, phase: start,
            file.name: "/relay.cfg", dst.asset.maintenance: true, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "read" {
        at 0s dnp3 {
            request: true, function: 25, op: file_read, phase: start,
            file.name: "/relay.cfg", src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a confirm" {
        at 0s dnp3 { request: true, function: 0, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }

    test "a block of it" {
        at 0s dnp3 {
            request: true, function: 2, op: file_write, phase: chunk,
            file.name: "/relay.cfg", src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "who may" with { file_writers: { 10.20.0.5 } } {
        at 0s dnp3 {
            request: true, function: 25, op: file_write, phase: start,
            file.name: "/relay.cfg", src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s dnp3 {
            request: false, function: 129, op: file_write, phase: start,
            file.name: "/relay.cfg", src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
