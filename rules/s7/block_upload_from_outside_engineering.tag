# Who fetches the blocks of a controller learns what it does: the step before a change
# that fits. With nothing bound, every upload is from outside.
param fetchers: set<ip> max 1024 = {}

rule block_upload_from_outside_engineering {
    meta {
        id = "OT-S7-0005"
        sid = 9230005
        rev = 1
        severity = high
        attack = [ics.T0845]
        description = "A host that is no engineering station fetches a block of a controller"
        falsepositives = "a backup server that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0845/"
    }
    on s7 as m
    where m.rosctr == job and m.function == start_upload and m.src.ip not in fetchers
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} fetches block {m.block_number} of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.filename, m.block_type, m.block_number]
    }

    test "an upload" {
        at 0s s7 {
            rosctr: job, request: true, function: start_upload, block_type: db,
            block_number: 1, filename: "_0A00001A", src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the backup server" with { fetchers: { 10.20.0.5 } } {
        at 0s s7 {
            rosctr: job, request: true, function: start_upload, block_type: db,
            block_number: 1, filename: "_0A00001A", src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a download" {
        at 0s s7 {
            rosctr: job, request: true, function: request_download, block_type: db,
            block_number: 1, filename: "_0A00001P", src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s s7 {
            rosctr: ack_data, request: false, function: start_upload, block_number: 1,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
