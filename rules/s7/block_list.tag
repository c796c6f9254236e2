# Who lists the blocks of a controller makes an inventory of its program.
param stations: set<ip> max 256 = {}

rule block_list {
    meta {
        id = "OT-S7-0009"
        sid = 9230009
        rev = 1
        severity = medium
        attack = [ics.T0888, ics.T0861]
        description = "A host that is no engineering station lists the blocks of a controller"
        falsepositives = "engineering tools on hosts that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0888/"
    }
    on s7 as m
    where m.rosctr == userdata
        and m.request
        and m.service in { list_blocks, list_blocks_of_type, block_info }
        and m.src.ip not in stations
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} lists the blocks of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.service, m.block_type, m.block_number]
    }

    test "list" {
        at 0s s7 {
            rosctr: userdata, request: true, service: list_blocks, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the engineering station" with { stations: { 10.20.0.5 } } {
        at 0s s7 {
            rosctr: userdata, request: true, service: list_blocks, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "variables are read" {
        at 0s s7 {
            rosctr: job, request: true, function: read_var, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a clock is read" {
        at 0s s7 {
            rosctr: userdata, request: true, service: read_clock, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s s7 {
            rosctr: userdata, request: false, service: list_blocks, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }
}
