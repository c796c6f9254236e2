# Engineering software and operator stations write variables by name, I/O objects and
# registers past the Modbus functions that other rules watch.
# Liras en la red, The Unity (UMAS) protocol, part II.
param umas_writers: set<ip> max 256 = {}

rule variables_written {
    meta {
        id = "OT-UMAS-0005"
        sid = 9210005
        rev = 1
        severity = high
        attack = [ics.T0836, ics.T0831, ics.T0855, ics.T1692.001]
        description = "An unlisted host writes variables of a controller"
        falsepositives = "an operator station that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on umas as m
    where m.request
        and m.function in { write_variables, write_coils_registers, write_io_object }
        and m.src.ip not in umas_writers
    dedup by (m.src.ip, m.dst.ip, m.function) for 10m
    emit {
        title = "{m.src.ip} writes to {m.dst.asset.name ?? m.dst.ip}: {m.function}"
        evidence = [m.unit, m.function, m.session, m.variables, m.data]
    }

    test "a stranger" with { umas_writers: { 10.20.0.5 } } {
        at 0s umas {
            request: true, function: write_variables, session: 1, unit: 0,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "an operator station" with { umas_writers: { 10.20.0.5 } } {
        at 0s umas {
            request: true, function: write_variables, session: 1, unit: 0,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "variables are read" with { umas_writers: { 10.20.0.5 } } {
        at 0s umas {
            request: true, function: read_variables, session: 1, unit: 0,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" with { umas_writers: { 10.20.0.5 } } {
        at 0s umas {
            request: false, function: write_variables, status: ok, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }
}
