# A program in the root of a drive letter behind D was started from a stick or a mounted image.
rule program_from_removable_disk {
    meta {
        id = "OT-WINDOWS-0012"
        sid = 9300012
        rev = 1
        severity = high
        attack = [ics.T0847, ics.T0895, enterprise.T1091]
        description = "A program is started from the root of a removable drive"
        falsepositives = "network drives that hold programs in their root"
    }
    on process as e
    where e.image.extension in { "exe", "scr", "com" } and e.image glob "[e-z]:\\*"
    dedup by (e.host.name, e.image) for 1h
    emit {
        title = "{e.image} started on {e.host.name}"
        evidence = [e.command_line, e.user, e.parent.image]
    }

    test "as it is seen" {
        at 0s process {
            host.name: "HMI-1", image: "F:\\setup.exe", command_line: "setup"
        }
        expect match
    }

    test "installed" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\setup.exe", command_line: "setup"
        }
        expect none
    }

    test "in a folder" {
        at 0s process {
            host.name: "HMI-1", image: "F:\\Programs\\HMI\\setup.exe",
            command_line: "setup"
        }
        expect none
    }

    test "something else" {
        at 0s process {
            host.name: "HMI-1", image: "F:\\setup.bin", command_line: "setup"
        }
        expect none
    }
}
