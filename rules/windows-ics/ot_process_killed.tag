# Ransomware for plants stops what holds its files open: historians, license servers, viewers.
rule ot_process_killed {
    meta {
        id = "OT-WINDOWS-0020"
        sid = 9300020
        rev = 1
        severity = critical
        attack = [ics.T0881, ics.T0815, enterprise.T1489]
        description = "A command kills or stops a program of the control system"
        falsepositives = "restarts by hand outside of a maintenance window"
    }
    on process as e
    where e.image.name in { "taskkill.exe", "net.exe", "net1.exe", "sc.exe", "wmic.exe" }
        and e.command_line contains any i{
            "proficy", "wincc", "historian", "ccservermanager", "s7oiehsx", "rslinx",
            "factorytalk", "intouch", "wonderware", "aveva", "igss", "citect",
            "kepserver", "codesys"
        }
        and e.command_line contains any i{ " stop ", " delete ", "/im ", "terminate" }
    unless maintenance(e.host.asset)
    dedup by (e.host.name, e.command_line) for 1h
    emit {
        title = "a program of the control system is stopped on {e.host.asset.name ?? e.host.name}"
        evidence = [e.command_line, e.user, e.parent.image]
    }

    test "as it is seen" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\taskkill.exe",
            command_line: "taskkill /f /im CCServerManager.exe"
        }
        expect match
    }

    test "another program" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\cmd.exe",
            command_line: "taskkill /f /im CCServerManager.exe"
        }
        expect none
    }

    test "a viewer of pictures" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\taskkill.exe",
            command_line: "taskkill /f /im photos.exe"
        }
        expect none
    }

    test "it is looked at" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\taskkill.exe",
            command_line: "sc query historian"
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\taskkill.exe",
            command_line: "taskkill /f /im CCServerManager.exe",
            host.asset.maintenance: true
        }
        expect none
    }
}
