# A command is encoded so that nobody reads it.
rule powershell_encoded_command {
    meta {
        id = "OT-WINDOWS-0008"
        sid = 9300008
        rev = 1
        severity = high
        attack = [ics.T0853, ics.T0807, enterprise.T1059.001]
        description = "PowerShell is given an encoded command"
        falsepositives = "management agents that encode what they send"
    }
    on process as e
    where e.image.name in { "powershell.exe", "pwsh.exe" }
        and e.command_line matches r"(?i)[ ][-/]e(nc|ncodedcommand|c)? +[a-z0-9+/=]{16}"
    dedup by (e.host.name, e.user) for 1h
    emit {
        title = "encoded PowerShell command on {e.host.name}"
        evidence = [e.command_line, e.user, e.parent.image]
    }

    test "as it is seen" {
        at 0s process {
            host.name: "HMI-1",
            image: "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
            command_line: "powershell -nop -enc SQBFAFgAIAAoAE4AZQB3AC0A",
            user: "PLANT\\x"
        }
        expect match
    }

    test "another program" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Tools\\enc.exe",
            command_line: "powershell -nop -enc SQBFAFgAIAAoAE4AZQB3AC0A",
            user: "PLANT\\x"
        }
        expect none
    }

    test "in clear" {
        at 0s process {
            host.name: "HMI-1",
            image: "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
            command_line: "powershell -nop -file backup.ps1", user: "PLANT\\x"
        }
        expect none
    }
}
