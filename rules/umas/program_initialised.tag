# Initialisation starts the program of a Modicon controller from nothing: outputs go to
# their initial values, counters and set-points are lost.
# Black Hat Europe 2024, From Pass-the-Hash to Code Execution on Schneider Electric M340.
rule program_initialised {
    meta {
        id = "OT-UMAS-0009"
        sid = 9210009
        rev = 1
        severity = critical
        attack = [ics.T0816, ics.T0858]
        description = "The program of a controller is initialised"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0816/"
    }
    on umas as m
    where m.request and m.function == init_plc
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} initialises the program of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.unit, m.function, m.session]
    }

    test "a stranger" {
        at 0s umas {
            request: true, function: init_plc, session: 1, unit: 0, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "in a maintenance window" {
        at 0s umas {
            request: true, function: init_plc, session: 1, unit: 0,
            dst.asset.maintenance: true, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "to begin communication" {
        at 0s umas {
            request: true, function: init_comm, session: 1, unit: 0, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s umas {
            request: false, function: init_plc, status: ok, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }
}
