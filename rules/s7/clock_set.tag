# A controller with a wrong clock logs at wrong times, and what is bound to time of day
# runs at the wrong one.
param time_servers: set<ip> max 64 = {}

rule clock_set {
    meta {
        id = "OT-S7-0010"
        sid = 9230010
        rev = 1
        severity = medium
        attack = [ics.T0836, ics.T0872]
        description = "The clock of a controller is set by a host that is no time server"
        falsepositives = "an engineering station that sets the clock when it loads a program"
        reference = "https://attack.mitre.org/techniques/T0872/"
    }
    on s7 as m
    where m.rosctr == userdata
        and m.request
        and m.service in { set_clock, set_clock_following }
        and m.src.ip not in time_servers
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} sets the clock of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.service, m.clock]
    }

    test "the clock is set" {
        at 0s s7 {
            rosctr: userdata, request: true, service: set_clock, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "by the time server" with { time_servers: { 10.20.0.5 } } {
        at 0s s7 {
            rosctr: userdata, request: true, service: set_clock, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "variables are read" {
        at 0s s7 {
            rosctr: job, request: true, function: read_var, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the clock is read" {
        at 0s s7 {
            rosctr: userdata, request: true, service: read_clock, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s s7 {
            rosctr: userdata, request: false, service: set_clock, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s s7 {
            rosctr: userdata, request: true, service: set_clock, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5, dst.asset.maintenance: true
        }
        expect none
    }
}
