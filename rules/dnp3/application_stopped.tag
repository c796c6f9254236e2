# An application of an outstation is what controls by itself: interlocks, sequences, voltage
# regulation. Stopped, initialised or with its data reset it does nothing, and the
# outstation goes on answering.
# IEEE Std 1815-2012, 4.4.
rule application_stopped {
    meta {
        id = "OT-DNP3-0006"
        sid = 9218006
        rev = 1
        severity = critical
        attack = [ics.T0858, ics.T0881]
        description = "An application of an outstation is stopped or reset"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0858/"
    }
    on dnp3 as d
    where d.request
        and d.function in { stop_appl, start_appl, initialize_appl, initialize_data }
    unless maintenance(d.dst.asset)
    dedup by (d.src.ip, d.dst.ip, d.function) for 1m
    emit {
        title = "{d.src.ip} sends {d.function} to {d.dst.asset.name ?? d.dst.ip}"
        evidence = [d.function, d.destination, d.application]
    }

    test "stopped" {
        at 0s dnp3 {
            request: true, function: 18, application: "main", src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "started" {
        at 0s dnp3 {
            request: true, function: 17, application: "main", src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "initialised" {
        at 0s dnp3 { request: true, function: 16, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect match
    }

    test "data" {
        at 0s dnp3 { request: true, function: 15, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect match
    }

    test "in a maintenance window" {
        at 0s dnp3 {
            request: true, function: 18, dst.asset.maintenance: true, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a restart is another rule" {
        at 0s dnp3 { request: true, function: 14, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect none
    }

    test "the answer" {
        at 0s dnp3 { request: false, function: 18, src.ip: 10.10.0.5, dst.ip: 10.30.1.9 }
        expect none
    }
}
