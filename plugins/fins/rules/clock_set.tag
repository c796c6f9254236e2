# Logs and recipes go by the clock of the controller.
param fins_time_servers: set<ip> max 64 = {}

rule clock_set {
    meta {
        id = "OT-FINS-0011"
        sid = 9260011
        rev = 1
        severity = medium
        attack = [ics.T0836]
        description = "The clock of a controller is set from an unusual place"
        falsepositives = "a server that is not listed"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on fins as m
    where m.request and m.command == clock_write and m.src.ip not in fins_time_servers
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} sets the clock of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.time]
    }

    test "a stranger" with { fins_time_servers: { 10.20.0.5 } } {
        at 0s fins {
            request: true, command: clock_write, src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "it is read" with { fins_time_servers: { 10.20.0.5 } } {
        at 0s fins {
            request: true, command: clock_read, src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "the response" with { fins_time_servers: { 10.20.0.5 } } {
        at 0s fins {
            request: false, command: clock_write, src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "a time server" with { fins_time_servers: { 10.20.0.5 } } {
        at 0s fins {
            request: true, command: clock_write, src.ip: 10.20.0.5, dst.ip: 10.10.0.7
        }
        expect none
    }
}
