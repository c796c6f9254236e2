# A freeze that clears sets counters of energy or of operations to zero. Where bills or
# maintenance follow from them, only the host that collects them does so.
# IEEE Std 1815-2012, 4.4.
param collectors: set<ip> max 64 = {}

rule counters_cleared {
    meta {
        id = "OT-DNP3-0014"
        sid = 9218014
        rev = 1
        severity = medium
        attack = [ics.T0872, ics.T0836]
        description = "Counters of an outstation are cleared by an unlisted host"
        falsepositives = "a collector that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0872/"
    }
    on dnp3 as d
    where d.request
        and d.function in { freeze_clear, freeze_clear_nr }
        and d.src.ip not in collectors
    dedup by (d.src.ip, d.dst.ip, d.destination) for 1h
    emit {
        title = "{d.src.ip} clears counters of {d.dst.asset.name ?? d.dst.ip}"
        evidence = [d.function, d.destination, d.objects]
    }

    test "cleared" {
        at 0s dnp3 { request: true, function: 9, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect match
    }

    test "without an answer" {
        at 0s dnp3 { request: true, function: 10, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect match
    }

    test "frozen only" {
        at 0s dnp3 { request: true, function: 7, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }

    test "who may" with { collectors: { 10.20.0.5 } } {
        at 0s dnp3 { request: true, function: 9, src.ip: 10.20.0.5, dst.ip: 10.10.0.5 }
        expect none
    }

    test "the answer" {
        at 0s dnp3 { request: false, function: 9, src.ip: 10.10.0.5, dst.ip: 10.30.1.9 }
        expect none
    }
}
