# Who asks a controller for its model and its units makes an inventory: programming tools
# do, and so do scanners, which send this as their first frame.
param fins_scanners: set<ip> max 64 = {}

rule inventory {
    meta {
        id = "OT-FINS-0013"
        sid = 9260013
        rev = 1
        severity = low
        attack = [ics.T0888, ics.T0846]
        description = "A controller is asked for its model or its units from an unusual place"
        falsepositives = "an engineering station or a scanner that is not listed"
        reference = "https://attack.mitre.org/techniques/T0888/"
    }
    on fins as m
    where m.request
        and m.command in { cpu_unit_data_read, connection_data_read }
        and m.src.ip not in fins_scanners
    dedup by (m.src.ip, m.dst.ip) for 1h
    emit {
        title = "{m.src.ip} asks {m.dst.asset.name ?? m.dst.ip} who it is"
        evidence = [m.command, m.sa1, m.da1]
    }

    test "model" with { fins_scanners: { 10.20.0.5 } } {
        at 0s fins {
            request: true, command: cpu_unit_data_read, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect match
    }

    test "status is another matter" with { fins_scanners: { 10.20.0.5 } } {
        at 0s fins {
            request: true, command: cpu_unit_status_read, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }

    test "the response" with { fins_scanners: { 10.20.0.5 } } {
        at 0s fins {
            request: false, command: cpu_unit_data_read, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }

    test "a scanner of the site" with { fins_scanners: { 10.20.0.5 } } {
        at 0s fins {
            request: true, command: cpu_unit_data_read, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.7
        }
        expect none
    }
}
