# Tools for lateral movement install a service that runs a shell, a share or an encoded command.
rule service_runs_shell {
    meta {
        id = "OT-WINDOWS-0013"
        sid = 9300013
        rev = 1
        severity = high
        attack = [ics.T0886, ics.T0807, enterprise.T1569.002]
        description = "A service is installed whose command is a shell, a script or a share"
        falsepositives = "none known"
    }
    on service as e
    where e.op == install
        and e.command_line contains any i{
            "%comspec%", "cmd.exe", "cmd /c", "powershell", "\\admin$\\", "\\127.0.0.1\\",
            "psexesvc", "mshta", "rundll32"
        }
    dedup by (e.host.name, e.name) for 1h
    emit {
        title = "service {e.name} on {e.host.name} runs a shell"
        evidence = [e.command_line, e.account, e.user]
    }

    test "as it is seen" {
        at 0s service {
            host.name: "HMI-1", op: install, name: "BTOBTO",
            command_line: "%COMSPEC% /Q /c echo cd ^> \\\\127.0.0.1\\C$\\__output"
        }
        expect match
    }

    test "it starts" {
        at 0s service {
            host.name: "HMI-1", op: start, name: "BTOBTO",
            command_line: "%COMSPEC% /Q /c echo cd ^> \\\\127.0.0.1\\C$\\__output"
        }
        expect none
    }

    test "a driver of a maker" {
        at 0s service {
            host.name: "HMI-1", op: install, name: "BTOBTO",
            command_line: "C:\\Program Files\\Siemens\\Automation\\s7oiehsx64.exe"
        }
        expect none
    }
}
