# Relays and setpoints are moved by the masters of a station, which a site can list. With
# none listed, every control is from outside.
# IEEE Std 1815-2012, 4.4; Annex A, groups 12 and 41.
param masters: set<ip> max 256 = {}

rule control_from_outside {
    meta {
        id = "OT-DNP3-0001"
        sid = 9218001
        rev = 1
        severity = high
        attack = [ics.T0855, ics.T1692.001, ics.T0831]
        description = "A host that is no master operates an output"
        falsepositives = "a new master that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on dnp3 as d
    where d.request
        and d.function in { select, operate, direct_operate, direct_operate_nr }
        and d.src.ip not in masters
    unless maintenance(d.dst.asset)
    dedup by (d.src.ip, d.dst.ip, d.destination) for 10m
    emit {
        title = "{d.src.ip}: {d.function} on {d.dst.asset.name ?? d.dst.ip}, outstation {d.destination}"
        evidence = [d.function, d.destination, d.controls]
    }

    test "a stranger trips a breaker" with { masters: { 10.20.0.5 } } {
        at 0s dnp3 {
            request: true, function: 5, destination: 10,
            controls: [
                { group: 12, variation: 1, index: 3, operation: 1, trip_close: 2 }
            ], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a stranger selects" {
        at 0s dnp3 {
            request: true, function: 3, destination: 10,
            controls: [
                { group: 12, variation: 1, index: 3, operation: 1, trip_close: 2 }
            ], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the master may" with { masters: { 10.20.0.5 } } {
        at 0s dnp3 {
            request: true, function: 5, destination: 10,
            controls: [
                { group: 12, variation: 1, index: 3, operation: 1, trip_close: 2 }
            ], src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s dnp3 {
            request: true, function: 5, destination: 10, dst.asset.maintenance: true,
            controls: [
                { group: 12, variation: 1, index: 3, operation: 1, trip_close: 2 }
            ], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a stranger reads" {
        at 0s dnp3 {
            request: true, function: 1, destination: 10, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the echo of a control" {
        at 0s dnp3 {
            request: false, function: 5, destination: 1,
            controls: [
                { group: 12, variation: 1, index: 3, operation: 1, trip_close: 2 }
            ], src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
