# The PI service _DELE removes a block; a controller that lacks one stops when it is
# called.
rule block_delete {
    meta {
        id = "OT-S7-0006"
        sid = 9230006
        rev = 1
        severity = critical
        attack = [ics.T0809, ics.T0889]
        description = "A block of a controller is deleted"
        falsepositives = "a program change that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0809/"
    }
    on s7 as m
    where m.rosctr == job and m.function == plc_control and m.pi_service == "_DELE"
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} deletes block {m.block_number} of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.block_type, m.block_number, m.file_system]
    }

    test "a block is deleted" {
        at 0s s7 {
            rosctr: job, request: true, function: plc_control, pi_service: "_DELE",
            block_type: db, block_number: 7, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a connection is set up" {
        at 0s s7 {
            rosctr: job, request: true, function: setup_communication, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a block is linked" {
        at 0s s7 {
            rosctr: job, request: true, function: plc_control, pi_service: "_INSE",
            block_type: db, block_number: 7, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s s7 {
            rosctr: ack_data, request: false, function: plc_control, pi_service: "_DELE",
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s s7 {
            rosctr: job, request: true, function: plc_control, pi_service: "_DELE",
            block_type: db, block_number: 7, src.ip: 10.30.1.9, dst.ip: 10.10.0.5,
            dst.asset.maintenance: true
        }
        expect none
    }
}
