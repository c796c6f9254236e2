# Function codes that no edition of the standard assigns. Scanners and fuzzers try them, and
# some products have functions of their own there.
# IEEE Std 1815-2012, 4.2.2 and 4.4.
param testers: set<ip> max 64 = {}

rule unknown_function {
    meta {
        id = "OT-DNP3-0019"
        sid = 9218019
        rev = 1
        severity = medium
        attack = [ics.T0888, ics.T0866]
        description = "A request has a function code that no standard assigns"
        falsepositives = "functions of a maker, which the site lists"
        reference = "https://attack.mitre.org/techniques/T0888/"
    }
    on dnp3 as d
    where d.request and d.function > 33 and d.src.ip not in testers
    dedup by (d.src.ip, d.dst.ip, d.function) for 1h
    emit {
        title = "{d.src.ip} tries function {d.function} on {d.dst.asset.name ?? d.dst.ip}"
        evidence = [d.function, d.destination, d.data]
    }

    test "function 70" {
        at 0s dnp3 { request: true, function: 70, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect match
    }

    test "the last that is assigned" {
        at 0s dnp3 { request: true, function: 33, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }

    test "who may" with { testers: { 10.20.0.5 } } {
        at 0s dnp3 { request: true, function: 70, src.ip: 10.20.0.5, dst.ip: 10.10.0.5 }
        expect none
    }

    test "a response" {
        at 0s dnp3 { request: false, function: 129, src.ip: 10.10.0.5, dst.ip: 10.30.1.9 }
        expect none
    }
}
