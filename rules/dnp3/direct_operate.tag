# An operate without a select leaves out the check that a wrong bit or a wrong index would
# fail. Sites that work by select before operate have no use for it; others list who may.
# IEEE Std 1815-2012, 4.4.
param direct_operators: set<ip> max 256 = {}

rule direct_operate {
    meta {
        id = "OT-DNP3-0002"
        sid = 9218002
        rev = 1
        severity = medium
        attack = [ics.T0855, ics.T1692.001]
        description = "An output is operated without being selected"
        falsepositives = "a product that operates directly and is not listed"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on dnp3 as d
    where d.request
        and d.function in { direct_operate, direct_operate_nr }
        and d.src.ip not in direct_operators
    dedup by (d.src.ip, d.dst.ip, d.destination) for 1h
    emit {
        title = "{d.src.ip} operates {d.dst.asset.name ?? d.dst.ip} directly"
        evidence = [d.function, d.destination, d.controls]
    }

    test "directly" {
        at 0s dnp3 {
            request: true, function: 5, destination: 10,
            controls: [
                { group: 12, variation: 1, index: 3, operation: 1, trip_close: 2 }
            ], src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "without an answer" {
        at 0s dnp3 {
            request: true, function: 6, destination: 10,
            controls: [
                { group: 12, variation: 1, index: 3, operation: 1, trip_close: 2 }
            ], src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "after a select" {
        at 0s dnp3 {
            request: true, function: 4, destination: 10,
            controls: [
                { group: 12, variation: 1, index: 3, operation: 1, trip_close: 2 }
            ], src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "who may" with { direct_operators: { 10.20.0.5 } } {
        at 0s dnp3 {
            request: true, function: 5, destination: 10,
            controls: [
                { group: 12, variation: 1, index: 3, operation: 1, trip_close: 2 }
            ], src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the echo" {
        at 0s dnp3 {
            request: false, function: 5, destination: 1,
            controls: [
                { group: 12, variation: 1, index: 3, operation: 1, trip_close: 2 }
            ], src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
