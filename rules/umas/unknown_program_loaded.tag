# The program that goes into a controller has a hash. The site lists those of the programs
# that it has released, and another one is not released, whoever loads it.
# Metasploit, auxiliary/admin/scada/modicon_stux_transfer.
param released_programs: set<name> max 256 = {}

rule unknown_program_loaded {
    meta {
        id = "OT-UMAS-0008"
        sid = 9210008
        rev = 1
        severity = critical
        attack = [ics.T0843, ics.T0889]
        description = "A program that the site has not released is loaded into a controller"
        falsepositives = "a release that was not listed"
        reference = "https://attack.mitre.org/techniques/T0843/"
    }
    on umas as m
    where m.request
        and m.function == end_upload
        and m.artifact.sha256 not in released_programs
    dedup by (m.src.ip, m.dst.ip, m.artifact.sha256) for 1h
    emit {
        title = "{m.src.ip} loads a program that is not released into {m.dst.asset.name ?? m.dst.ip}"
        evidence = [
            m.artifact.size, m.artifact.sha256, m.transfer.file, m.transfer.blocks
        ]
    }

    test "another program" with { released_programs: { "aa" } } {
        at 0s umas {
            request: true, function: end_upload, op: program_download, phase: end,
            artifact.sha256: "bb", artifact.size: 6, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a released one" with { released_programs: { "aa" } } {
        at 0s umas {
            request: true, function: end_upload, op: program_download, phase: end,
            artifact.sha256: "aa", src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a block of it" with { released_programs: { "aa" } } {
        at 0s umas {
            request: true, function: upload_block, op: program_download, phase: chunk,
            artifact.sha256: "bb", src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" with { released_programs: { "aa" } } {
        at 0s umas {
            request: false, function: end_upload, status: ok, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a program that is read" with { released_programs: { "aa" } } {
        at 0s umas {
            request: true, function: end_download, op: program_upload, phase: end,
            artifact.sha256: "bb", src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a piece was not seen" with { released_programs: { "aa" } } {
        at 0s umas {
            request: true, function: end_upload, op: program_download, phase: end,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect indeterminate on m.artifact.sha256
    }
}
