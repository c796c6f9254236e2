# Alarms of an outstation come by themselves, or not at all once a request has disabled
# them. Masters do so when they start, so the site lists them.
# IEEE Std 1815-2012, 4.4.
param silencers: set<ip> max 256 = {}

rule unsolicited_disabled {
    meta {
        id = "OT-DNP3-0007"
        sid = 9218007
        rev = 1
        severity = high
        attack = [ics.T0804, ics.T0878, ics.T0815]
        description = "A host that is no master silences an outstation"
        falsepositives = "a new master that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0804/"
    }
    on dnp3 as d
    where d.request and d.function == disable_unsolicited and d.src.ip not in silencers
    dedup by (d.src.ip, d.dst.ip, d.destination) for 10m
    emit {
        title = "{d.src.ip} silences {d.dst.asset.name ?? d.dst.ip}"
        evidence = [d.destination, d.class_1, d.class_2, d.class_3]
    }

    test "a stranger" {
        at 0s dnp3 {
            request: true, function: 21, class_1: true, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the master" with { silencers: { 10.20.0.5 } } {
        at 0s dnp3 {
            request: true, function: 21, class_1: true, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "enabled" {
        at 0s dnp3 {
            request: true, function: 20, class_1: true, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s dnp3 { request: false, function: 21, src.ip: 10.10.0.5, dst.ip: 10.30.1.9 }
        expect none
    }
}
