# Events carry the time of the outstation. Set wrong, their order is worth nothing, and
# what runs by the clock runs at another hour.
# IEEE Std 1815-2012, Annex A, group 50.
param time_masters: set<ip> max 256 = {}

rule time_written {
    meta {
        id = "OT-DNP3-0008"
        sid = 9218008
        rev = 1
        severity = medium
        attack = [ics.T0836, ics.T0832]
        description = "A host that is no master sets the time of an outstation"
        falsepositives = "a new master that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on dnp3 as d
    where d.request
        and d.function == write
        and d.time.value is present
        and d.src.ip not in time_masters
    dedup by (d.src.ip, d.dst.ip, d.destination) for 1h
    emit {
        title = "{d.src.ip} sets the time of {d.dst.asset.name ?? d.dst.ip} to {d.time.value}"
        evidence = [d.destination, d.time.value, d.objects]
    }

    test "a stranger" {
        at 0s dnp3 {
            request: true, function: 2, time.value: "2025-11-27T05:54:15Z",
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the master" with { time_masters: { 10.20.0.5 } } {
        at 0s dnp3 {
            request: true, function: 2, time.value: "2025-11-27T05:54:15Z",
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "no time is written" {
        at 0s dnp3 { request: true, function: 2, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }

    test "counters are frozen at a time" {
        at 0s dnp3 {
            request: true, function: 11, time.value: "2025-11-27T05:54:15Z",
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a report with its time" {
        at 0s dnp3 {
            request: false, function: 2, time.value: "2025-11-27T05:54:15Z",
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
