# Stuxnet put its code in front of OB1, which runs every cycle, and OB35, which runs
# every 100 ms. Downloads of organization blocks are rare outside of commissioning; so
# are restarts that need OB100 to 102.
rule organization_block_download {
    meta {
        id = "OT-S7-0003"
        sid = 9230003
        rev = 1
        severity = critical
        attack = [ics.T0843, ics.T0889, ics.T0821]
        description = "An organization block that runs the program is replaced"
        falsepositives = "a program change that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0889/"
    }
    on s7 as m
    where m.rosctr == job
        and (
            m.function == request_download
            or m.function == plc_control and m.pi_service == "_INSE"
        )
        and m.block_type == ob
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip, m.block_number) for 10m
    emit {
        title = "{m.src.ip} replaces OB{m.block_number} of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.function, m.block_type, m.block_number, m.load_length]
    }

    test "OB1 is announced" {
        at 0s s7 {
            rosctr: job, request: true, function: request_download, block_type: ob,
            block_number: 1, load_length: 220, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "OB35 is linked" {
        at 0s s7 {
            rosctr: job, request: true, function: plc_control, pi_service: "_INSE",
            block_type: ob, block_number: 35, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a data block" {
        at 0s s7 {
            rosctr: job, request: true, function: request_download, block_type: db,
            block_number: 1, load_length: 220, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a block is deleted" {
        at 0s s7 {
            rosctr: job, request: true, function: plc_control, pi_service: "_DELE",
            block_type: ob, block_number: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "OB1 is fetched" {
        at 0s s7 {
            rosctr: job, request: true, function: start_upload, block_type: ob,
            block_number: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s s7 {
            rosctr: ack_data, request: false, function: request_download, block_type: ob,
            block_number: 1, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s s7 {
            rosctr: job, request: true, function: request_download, block_type: ob,
            block_number: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5,
            dst.asset.maintenance: true
        }
        expect none
    }
}
