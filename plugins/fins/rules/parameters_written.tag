# The parameter areas hold the setup of the CPU unit, its tables of units and its routing
# tables: with the latter, networks behind the controller can be reached.
rule parameters_written {
    meta {
        id = "OT-FINS-0009"
        sid = 9260009
        rev = 1
        severity = high
        attack = [ics.T0836]
        description = "Setup or tables of a controller are written"
        falsepositives = "an engineer at work outside of a maintenance window"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on fins as m
    where m.request
        and m.command in {
            parameter_area_write, parameter_area_clear, parameter_area_file_transfer
        }
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} writes the parameters of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.command, m.parameter_area, m.word, m.length]
    }

    test "routing tables" {
        at 0s fins {
            request: true, command: parameter_area_write, parameter_area: routing_tables,
            word: 0, length: 2, src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "they are read" {
        at 0s fins {
            request: true, command: parameter_area_read, parameter_area: routing_tables,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s fins {
            request: true, command: parameter_area_write, parameter_area: routing_tables,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7, dst.asset.maintenance: true
        }
        expect none
    }

    test "the response" {
        at 0s fins {
            request: false, command: parameter_area_write, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }
}
