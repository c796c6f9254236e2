# Whoever stops the watchers has something to hide.
rule security_tool_stopped {
    meta {
        id = "OT-WINDOWS-0017"
        sid = 9300017
        rev = 1
        severity = high
        attack = [ics.T0881, enterprise.T1562.001]
        description = "A command stops, kills or removes a security tool"
        falsepositives = "planned updates of the tool"
    }
    on process as e
    where e.image.name in { "net.exe", "net1.exe", "sc.exe", "taskkill.exe" }
        and e.command_line contains any i{
            "windefend", "msmpeng", "sense", "sysmon", "mpssvc", "eventlog", "wdnissvc",
            "securityhealth", "csfalcon"
        }
        and e.command_line contains any i{
            " stop ", " delete ", " config ", "/im ", "/pid "
        }
    unless maintenance(e.host.asset)
    dedup by (e.host.name, e.command_line) for 1h
    emit {
        title = "a security tool is stopped on {e.host.name}"
        evidence = [e.command_line, e.user, e.parent.image]
    }

    test "as it is seen" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\sc.exe",
            command_line: "sc stop WinDefend"
        }
        expect match
    }

    test "another program" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\cmd.exe",
            command_line: "sc stop WinDefend"
        }
        expect none
    }

    test "a printer" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\sc.exe",
            command_line: "sc stop Spooler"
        }
        expect none
    }

    test "it is looked at" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\sc.exe",
            command_line: "sc query WinDefend"
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\sc.exe",
            command_line: "sc stop WinDefend", host.asset.maintenance: true
        }
        expect none
    }
}
