# A restart takes the outstation away for seconds to minutes, and with it protection and
# reporting; a loop of restarts takes it away for good.
# IEEE Std 1815-2012, 4.4.
rule restart {
    meta {
        id = "OT-DNP3-0005"
        sid = 9218005
        rev = 1
        severity = high
        attack = [ics.T0816, ics.T0814]
        description = "An outstation is restarted"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0816/"
    }
    on dnp3 as d
    where d.request and d.function in { cold_restart, warm_restart }
    unless maintenance(d.dst.asset)
    dedup by (d.src.ip, d.dst.ip, d.destination) for 1m
    emit {
        title = "{d.src.ip} sends {d.function} to {d.dst.asset.name ?? d.dst.ip}"
        evidence = [d.function, d.destination, d.auth.user]
    }

    test "cold" {
        at 0s dnp3 {
            request: true, function: 13, destination: 10, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "warm" {
        at 0s dnp3 {
            request: true, function: 14, destination: 10, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "in a maintenance window" {
        at 0s dnp3 {
            request: true, function: 13, destination: 10, dst.asset.maintenance: true,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a delay is measured" {
        at 0s dnp3 {
            request: true, function: 23, destination: 10, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s dnp3 {
            request: false, function: 13, destination: 1, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }
}
