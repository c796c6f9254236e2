# A file that leaves an outstation whole: settings of a relay tell an attacker what trips
# it. The hash says which file it was.
# IEEE Std 1815-2012, Annex A, group 70.
param file_readers: set<ip> max 64 = {}

rule file_taken {
    meta {
        id = "OT-DNP3-0010"
        sid = 9218010
        rev = 1
        severity = medium
        attack = [ics.T0882, ics.T0811]
        description = "A file of an outstation is read to its end by an unlisted host"
        falsepositives = "fault records that are collected from a host that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0882/"
    }
    on dnp3 as d
    where not d.request
        and d.op == file_read
        and d.artifact.sha256 is present
        and d.dst.ip not in file_readers
    dedup by (d.src.ip, d.dst.ip, d.artifact.sha256) for 1h
    emit {
        title = "{d.dst.ip} has read {d.file.name} of {d.src.asset.name ?? d.src.ip}"
        evidence = [d.source, d.artifact.name, d.artifact.size, d.artifact.sha256]
    }

    test "the last block" {
        at 0s dnp3 {
            request: false, op: file_read, file.name: "/relay.cfg",
            artifact.sha256: "ba78", src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect match
    }

    test "a block before" {
        at 0s dnp3 {
            request: false, op: file_read, file.name: "/relay.cfg", src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }

    test "who may" with { file_readers: { 10.30.1.9 } } {
        at 0s dnp3 {
            request: false, op: file_read, file.name: "/relay.cfg",
            artifact.sha256: "ba78", src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "what was written" {
        at 0s dnp3 {
            request: false, op: file_write, file.name: "/relay.cfg",
            artifact.sha256: "ba78", src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "what a master sends" {
        at 0s dnp3 {
            request: true, op: file_read, file.name: "/relay.cfg",
            artifact.sha256: "ba78", src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
