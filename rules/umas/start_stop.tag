# A stopped controller controls nothing; public tools do it with one packet.
# Metasploit, auxiliary/admin/scada/modicon_command.
rule start_stop {
    meta {
        id = "OT-UMAS-0002"
        sid = 9200012
        rev = 2
        severity = critical
        attack = [ics.T0858, ics.T0816, ics.T0813]
        description = "A controller is started or stopped"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0858/"
    }
    on umas as m
    where m.request and m.function in { start_plc, stop_plc }
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip, m.function) for 1m
    emit {
        title = "{m.src.ip} sends {m.function} to {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.unit, m.function, m.session, m.signed]
    }

    test "stop" {
        at 0s umas {
            request: true, function: stop_plc, session: 1, unit: 0, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "start" {
        at 0s umas {
            request: true, function: start_plc, session: 1, unit: 0, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "to ask for its state" {
        at 0s umas {
            request: true, function: read_plc_info, session: 1, unit: 0,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s umas {
            request: true, function: stop_plc, session: 1, unit: 0,
            dst.asset.maintenance: true, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s umas {
            request: false, function: stop_plc, status: ok, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }
}
