# Who sets the clock of a controller shifts what its log says and what its program does
# by time. One server keeps the time of a plant. Logix controllers keep it in the class
# WallClockTime.
param time_servers: set<ip> max 64 = {}

rule clock_set {
    meta {
        id = "OT-CIP-0012"
        sid = 9205012
        rev = 1
        severity = medium
        attack = [ics.T0836]
        description = "The clock of a controller is set by a host that is no time server"
        falsepositives = "an engineer who sets the clock by hand"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on cip as c
    where not c.response
        and c.op is present
        and c.op == time_set
        and c.src.ip not in time_servers
    dedup by (c.src.ip, c.dst.ip) for 10m
    emit {
        title = "{c.src.ip} sets the clock of {c.dst.asset.name ?? c.dst.ip}"
        evidence = [c.service, c.class, c.instance, c.attributes]
    }

    test "a stranger sets the clock" {
        at 0s cip {
            response: false, service: 4, class: 139, instance: 1, op: time_set,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the time server" with { time_servers: { 10.20.0.5 } } {
        at 0s cip {
            response: false, service: 4, class: 139, instance: 1, op: time_set,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "what only carries others" {
        at 0s cip {
            response: false, service: 10, class: 2, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the clock is read" {
        at 0s cip {
            response: false, service: 3, class: 139, instance: 1, op: config_read,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the reply" {
        at 0s cip {
            response: true, service: 4, class: 139, instance: 1, op: time_set, status: 0,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
