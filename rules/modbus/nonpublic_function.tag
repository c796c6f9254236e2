# The standard leaves 65 to 72 and 100 to 110 to users, and Annex A names codes that
# companies use for their own. Makers put programming, configuration and diagnosis
# there, mostly without any protection. UMAS (90) has rules of its own.
# MODBUS Application Protocol Specification V1.1b3, section 5.1 and Annex A.
param maintainers: set<ip> max 64 = {}

rule nonpublic_function {
    meta {
        id = "OT-MODBUS-0009"
        sid = 9200009
        rev = 1
        severity = medium
        attack = [ics.T0855, ics.T1692.001, ics.T0843]
        description = "A function code outside the public ones is used by an unlisted host"
        falsepositives = "a maker's tool on a host that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on modbus as m
    where m.request
        and m.category in { user, reserved }
        and m.function != umas
        and m.src.ip not in maintainers
    dedup by (m.src.ip, m.dst.ip, m.function) for 1h
    emit {
        title = "{m.src.ip} sends function {m.function} to {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.unit, m.function, m.category, m.data]
    }

    test "a user-defined code" {
        at 0s modbus {
            request: true, function: 65, category: user, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a reserved code" {
        at 0s modbus {
            request: true, function: 125, category: reserved, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a public code" {
        at 0s modbus {
            request: true, function: 3, category: public, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "UMAS is told of elsewhere" {
        at 0s modbus {
            request: true, function: 90, category: reserved, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the maker's tool" with { maintainers: { 10.20.0.5 } } {
        at 0s modbus {
            request: true, function: 65, category: user, unit: 1, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s modbus {
            request: false, function: 65, category: user, unit: 1, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }
}
