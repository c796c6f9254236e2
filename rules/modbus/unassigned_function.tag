# No product sends a public code that the standard has not assigned, and none sends code
# 0. A scanner that tries every code does, and so does a fuzzer.
# MODBUS Application Protocol Specification V1.1b3, section 5.1.
rule unassigned_function {
    meta {
        id = "OT-MODBUS-0010"
        sid = 9200010
        rev = 1
        severity = medium
        attack = [ics.T0846, ics.T0888]
        description = "A function code is tried that no standard assigns"
        falsepositives = "a product that breaks the standard"
        reference = "https://attack.mitre.org/techniques/T0846/"
    }
    on modbus as m
    where m.request and m.category == unassigned
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} tries function {m.function} on {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.unit, m.function]
    }

    test "function 25" {
        at 0s modbus {
            request: true, function: 25, category: unassigned, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "function 24 is assigned" {
        at 0s modbus {
            request: true, function: 24, category: public, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the device that refuses it" {
        at 0s modbus {
            request: false, function: 25, category: unassigned, exception: 1, unit: 1,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
