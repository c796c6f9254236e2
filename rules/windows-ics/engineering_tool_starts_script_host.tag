# Engineering tools start compilers, drivers and each other, but no script hosts: a project
# file that does so carries something.
rule engineering_tool_starts_script_host {
    meta {
        id = "OT-WINDOWS-0001"
        sid = 9300001
        rev = 1
        severity = high
        attack = [ics.T0853, ics.T0873, enterprise.T1059]
        description = "A script host or shell is started by an engineering tool"
        falsepositives = "tools whose add-ons run scripts; name them in site parameters"
    }
    on process as e
    where e.parent.image.name in engineering_tools and e.image.name in script_hosts
    dedup by (e.host.name, e.parent.image, e.image) for 1h
    emit {
        title = "{e.parent.image.name} started {e.image.name} on {e.host.name}"
        evidence = [e.command_line, e.user, e.parent.image]
    }

    test "as it is seen" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\cmd.exe",
            command_line: "cmd /c x",
            parent.image: "C:\\Siemens\\Step7\\S7BIN\\S7tgtopx.exe"
        }
        expect match
    }

    test "by the desktop" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\cmd.exe",
            command_line: "cmd /c x", parent.image: "C:\\Windows\\explorer.exe"
        }
        expect none
    }

    test "a tool starts a tool" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Siemens\\Step7\\S7BIN\\s7oiehsx.exe",
            command_line: "cmd /c x",
            parent.image: "C:\\Siemens\\Step7\\S7BIN\\S7tgtopx.exe"
        }
        expect none
    }
}
