# Only engineering stations load blocks into a controller. With nothing bound, every
# download is from outside.
param loaders: set<ip> max 1024 = {}

rule block_download_from_outside_engineering {
    meta {
        id = "OT-S7-0004"
        sid = 9230004
        rev = 1
        severity = critical
        attack = [ics.T0843, ics.T0889]
        description = "A host that is no engineering station loads a block into a controller"
        falsepositives = "commissioning from a laptop that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0843/"
    }
    on s7 as m
    where m.rosctr == job and m.function == request_download and m.src.ip not in loaders
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} loads block {m.block_number} into {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.filename, m.block_type, m.block_number, m.load_length, m.mc7_length]
    }

    test "a download" {
        at 0s s7 {
            rosctr: job, request: true, function: request_download, block_type: db,
            block_number: 1, filename: "_0A00001P", src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the engineering station" with { loaders: { 10.20.0.5 } } {
        at 0s s7 {
            rosctr: job, request: true, function: request_download, block_type: db,
            block_number: 1, filename: "_0A00001P", src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "an upload" {
        at 0s s7 {
            rosctr: job, request: true, function: start_upload, block_type: db,
            block_number: 1, filename: "_0A00001A", src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s s7 {
            rosctr: ack_data, request: false, function: request_download, block_number: 1,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
