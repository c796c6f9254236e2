# An analog output that the process does not stand. The site says which output, of which
# outstation, and between which values it is safe, whoever writes.
# IEEE Std 1815-2012, Annex A, group 41.
param setpoint_outstation: int = 65535
param setpoint_index: int = 0
param lowest: float = 0.0
param highest: float = 100.0

rule setpoint_outside_limits {
    meta {
        id = "OT-DNP3-0004"
        sid = 9218004
        rev = 1
        severity = critical
        attack = [ics.T0836, ics.T0831]
        description = "A setpoint is written with a value that the process does not stand"
        falsepositives = "limits that were not changed together with the process"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on dnp3 as d
    where d.request
        and d.function in { select, operate, direct_operate, direct_operate_nr }
        and d.destination == setpoint_outstation
        and any c in d.controls (
            c.group == analog_output
            and c.index == setpoint_index
            and (c.value < lowest or c.value > highest)
        )
    dedup by (d.src.ip, d.dst.ip, d.destination) for 1m
    emit {
        title = "Setpoint of {d.dst.asset.name ?? d.dst.ip} set outside its limits by {d.src.ip}"
        evidence = [d.function, d.destination, d.controls]
    }

    test "too high" with { setpoint_outstation: 10, setpoint_index: 2 } {
        at 0s dnp3 {
            request: true, function: 5, destination: 10,
            controls: [{ group: 41, index: 2, value: 100.5 }], src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "too low, among others" with { setpoint_outstation: 10, setpoint_index: 2 } {
        at 0s dnp3 {
            request: true, function: 5, destination: 10,
            controls: [
                { group: 41, index: 1, value: 50.0 }, { group: 41, index: 2, value: -0.5 }
            ], src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the highest that is allowed" with {
        setpoint_outstation: 10, setpoint_index: 2
    } {
        at 0s dnp3 {
            request: true, function: 5, destination: 10,
            controls: [{ group: 41, index: 2, value: 100.0 }], src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the lowest that is allowed" with {
        setpoint_outstation: 10, setpoint_index: 2
    } {
        at 0s dnp3 {
            request: true, function: 5, destination: 10,
            controls: [{ group: 41, index: 2, value: 0.0 }], src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "another output" with { setpoint_outstation: 10, setpoint_index: 2 } {
        at 0s dnp3 {
            request: true, function: 5, destination: 10,
            controls: [{ group: 41, index: 3, value: 500.0 }], src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "another function" with { setpoint_outstation: 10, setpoint_index: 2 } {
        at 0s dnp3 {
            request: true, function: 2, destination: 10,
            controls: [{ group: 41, index: 2, value: 500.0 }], src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "another outstation" with { setpoint_outstation: 10, setpoint_index: 2 } {
        at 0s dnp3 {
            request: true, function: 5, destination: 11,
            controls: [{ group: 41, index: 2, value: 500.0 }], src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a relay has no value" with { setpoint_outstation: 10, setpoint_index: 2 } {
        at 0s dnp3 {
            request: true, function: 5, destination: 10,
            controls: [{ group: 12, index: 2, value: 500.0 }], src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the echo" with { setpoint_outstation: 10, setpoint_index: 2 } {
        at 0s dnp3 {
            request: false, function: 5, destination: 10,
            controls: [{ group: 41, index: 2, value: 500.0 }], src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }
}
