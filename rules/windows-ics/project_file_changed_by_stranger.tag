# Programs of controllers are changed by engineering tools; a file that something else writes is
# infected, stolen or encrypted.
rule project_file_changed_by_stranger {
    meta {
        id = "OT-WINDOWS-0021"
        sid = 9300021
        rev = 1
        severity = high
        attack = [ics.T0873, ics.T0821, enterprise.T1565.001]
        description = "A project of a controller is written, renamed or deleted by something that is no engineering tool"
        falsepositives = "backup and version control programs; add them to `project_tools`"
    }
    on file as e
    where e.op in { create, write, rename, delete }
        and e.path.extension in {
            "s7p", "ap15", "ap16", "ap17", "ap18", "ap19", "acd", "rss", "gxw", "gx3",
            "project", "smbp", "stu", "zef", "tsproj", "pcwex", "mwp"
        }
        and e.image.name not in engineering_tools
        and e.image.name not in project_tools
    unless maintenance(e.host.asset)
    dedup by (e.host.name, e.image) for 1h
    emit {
        title = "{e.image.name} changes projects on {e.host.asset.name ?? e.host.name}"
        evidence = [e.path, e.image, e.user]
    }

    test "as it is seen" with { project_tools: { "robocopy.exe" } } {
        at 0s file {
            host.name: "HMI-1", op: write,
            image: "C:\\Users\\x\\AppData\\Local\\Temp\\a.exe",
            path: "D:\\Projects\\Boiler\\Boiler.s7p"
        }
        expect match
    }

    test "it is read" with { project_tools: { "robocopy.exe" } } {
        at 0s file {
            host.name: "HMI-1", op: access,
            image: "C:\\Users\\x\\AppData\\Local\\Temp\\a.exe",
            path: "D:\\Projects\\Boiler\\Boiler.s7p"
        }
        expect none
    }

    test "a document" with { project_tools: { "robocopy.exe" } } {
        at 0s file {
            host.name: "HMI-1", op: write,
            image: "C:\\Users\\x\\AppData\\Local\\Temp\\a.exe",
            path: "D:\\Projects\\Boiler\\notes.txt"
        }
        expect none
    }

    test "the tool itself" with { project_tools: { "robocopy.exe" } } {
        at 0s file {
            host.name: "HMI-1", op: write,
            image: "C:\\Siemens\\Step7\\S7BIN\\S7tgtopx.exe",
            path: "D:\\Projects\\Boiler\\Boiler.s7p"
        }
        expect none
    }

    test "a backup" with { project_tools: { "robocopy.exe" } } {
        at 0s file {
            host.name: "HMI-1", op: write, image: "C:\\Windows\\System32\\robocopy.exe",
            path: "D:\\Projects\\Boiler\\Boiler.s7p"
        }
        expect none
    }

    test "in a maintenance window" with { project_tools: { "robocopy.exe" } } {
        at 0s file {
            host.name: "HMI-1", op: write,
            image: "C:\\Users\\x\\AppData\\Local\\Temp\\a.exe",
            path: "D:\\Projects\\Boiler\\Boiler.s7p", host.asset.maintenance: true
        }
        expect none
    }
}
