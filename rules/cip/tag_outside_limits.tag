# One tag of a controller, and between which values the process is safe: the site says
# both. A write of another value is an attack or a mistake, whoever sends it. Logix 5000
# Controllers Data Access, 1756-PM020, chapter 1.
param tag: text = "Tank_Level"
param lowest: float = 0.0
param highest: float = 100.0

rule tag_outside_limits {
    meta {
        id = "OT-CIP-0009"
        sid = 9205009
        rev = 1
        severity = critical
        attack = [ics.T0836, ics.T0831]
        description = "A tag is written with a value that the process does not stand"
        falsepositives = "limits that were not changed together with the process"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on cip as c
    where not c.response
        and c.operation in { write_tag, write_tag_fragmented }
        and c.symbol == tag
        and any v in c.values (v < lowest or v > highest)
    dedup by (c.src.ip, c.dst.ip) for 1m
    emit {
        title = "{c.src.ip} sets {c.symbol} of {c.dst.asset.name ?? c.dst.ip} outside its limits"
        evidence = [c.symbol, c.datatype, c.elements, c.values]
    }

    test "too high" {
        at 0s cip {
            response: false, service: 77, operation: 27469, symbol: "Tank_Level",
            values: [950.0], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "too low, among others" {
        at 0s cip {
            response: false, service: 77, operation: 27469, symbol: "Tank_Level",
            values: [50.0, -1.0], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the highest that is allowed" {
        at 0s cip {
            response: false, service: 77, operation: 27469, symbol: "Tank_Level",
            values: [100.0], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "another tag" {
        at 0s cip {
            response: false, service: 77, operation: 27469, symbol: "Tank_Alarm",
            values: [950.0], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a tag by its instance may be that one" {
        at 0s cip {
            response: false, service: 77, class: 107, instance: 9, operation: 27469,
            values: [950.0], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect indeterminate on c.symbol
    }

    test "a value that is read" {
        at 0s cip {
            response: false, service: 76, operation: 27468, symbol: "Tank_Level",
            values: [950.0], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the reply" {
        at 0s cip {
            response: true, service: 77, operation: 27469, symbol: "Tank_Level",
            values: [950.0], src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
