# What a document starts is not what its reader wanted.
rule mail_or_office_starts_shell {
    meta {
        id = "OT-WINDOWS-0004"
        sid = 9300004
        rev = 1
        severity = high
        attack = [ics.T0865, ics.T0863, enterprise.T1566.001]
        description = "A shell or script host is started by a mail client, an office program or a browser"
        falsepositives = "office add-ons"
    }
    on process as e
    where e.parent.image.name in documents and e.image.name in script_hosts
    dedup by (e.host.name, e.parent.image, e.image) for 1h
    emit {
        title = "{e.parent.image.name} started {e.image.name} on {e.host.name}"
        evidence = [e.command_line, e.user]
    }

    test "as it is seen" {
        at 0s process {
            host.name: "HMI-1",
            image: "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
            command_line: "powershell -nop",
            parent.image: "C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE"
        }
        expect match
    }

    test "by the desktop" {
        at 0s process {
            host.name: "HMI-1",
            image: "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
            command_line: "powershell -nop", parent.image: "C:\\Windows\\explorer.exe"
        }
        expect none
    }

    test "a printer driver" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\splwow64.exe",
            command_line: "powershell -nop",
            parent.image: "C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE"
        }
        expect none
    }
}
