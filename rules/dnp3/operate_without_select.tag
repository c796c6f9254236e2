# An operate must repeat the select before it, octet for octet, with the next sequence
# number. One that does not is injected, replayed, or meant for another output; a sound
# outstation refuses it.
# IEEE Std 1815-2012, 4.4.
rule operate_without_select {
    meta {
        id = "OT-DNP3-0003"
        sid = 9218003
        rev = 1
        severity = high
        attack = [ics.T0855, ics.T1692.001, ics.T0831]
        description = "An operate does not follow a select of the same output"
        falsepositives = "a select that the sensor did not see"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on dnp3 as d
    where d.request and d.function == operate and not d.selected
    dedup by (d.src.ip, d.dst.ip, d.destination) for 10m
    emit {
        title = "{d.src.ip} operates {d.dst.asset.name ?? d.dst.ip} without the select"
        evidence = [d.destination, d.app.sequence, d.controls]
    }

    test "not selected" {
        at 0s dnp3 {
            request: true, function: 4, selected: false,
            controls: [
                { group: 12, variation: 1, index: 3, operation: 1, trip_close: 2 }
            ], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "selected" {
        at 0s dnp3 {
            request: true, function: 4, selected: true,
            controls: [
                { group: 12, variation: 1, index: 3, operation: 1, trip_close: 2 }
            ], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "another function" {
        at 0s dnp3 {
            request: true, function: 3, selected: false,
            controls: [
                { group: 12, variation: 1, index: 3, operation: 1, trip_close: 2 }
            ], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the echo" {
        at 0s dnp3 {
            request: false, function: 4, selected: false,
            controls: [
                { group: 12, variation: 1, index: 3, operation: 1, trip_close: 2 }
            ], src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
