# Outputs are the program's to write. Who writes to them, or past the process image to
# the modules, moves the plant around the program.
rule write_to_outputs {
    meta {
        id = "OT-S7-0012"
        sid = 9230012
        rev = 1
        severity = high
        attack = [ics.T0855, ics.T1692.001, ics.T0831, ics.T0835]
        description = "Outputs of a controller are written, not by its program"
        falsepositives = "a test of wiring while commissioning"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on s7 as m
    where m.rosctr == job
        and m.function == write_var
        and any i in m.items (i.area in { outputs, peripheral })
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} writes outputs of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.function, m.items]
    }

    test "an output" {
        at 0s s7 {
            rosctr: job, request: true, function: write_var,
            items: [{ area: outputs, address: 0 }], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "bit memory" {
        at 0s s7 {
            rosctr: job, request: true, function: write_var,
            items: [{ area: memory, address: 0 }], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "outputs are read" {
        at 0s s7 {
            rosctr: job, request: true, function: read_var,
            items: [{ area: outputs, address: 0 }], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s s7 {
            rosctr: ack_data, request: false, function: write_var,
            items: [{ area: outputs, address: 0 }], src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s s7 {
            rosctr: job, request: true, function: write_var,
            items: [{ area: outputs, address: 0 }], src.ip: 10.30.1.9, dst.ip: 10.10.0.5,
            dst.asset.maintenance: true
        }
        expect none
    }
}
