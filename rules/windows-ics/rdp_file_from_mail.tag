# A connection file that came by mail connects to a stranger and lends him drives and clipboard.
rule rdp_file_from_mail {
    meta {
        id = "OT-WINDOWS-0007"
        sid = 9300007
        rev = 1
        severity = high
        attack = [ics.T0886, ics.T0865, enterprise.T1566.001]
        description = "A remote desktop file is opened out of a folder that mail and downloads go to"
        falsepositives = "support companies that send such files"
    }
    on process as e
    where e.image.name == "mstsc.exe"
        and e.command_line contains i".rdp"
        and e.command_line contains any i{
            "\\downloads\\", "\\content.outlook\\", "\\temp\\"
        }
    dedup by (e.host.name, e.command_line) for 1h
    emit {
        title = "remote desktop file from outside opened on {e.host.name}"
        evidence = [e.command_line, e.user, e.parent.image]
    }

    test "as it is seen" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\mstsc.exe",
            command_line: "mstsc \"C:\\Users\\x\\Downloads\\support.rdp\""
        }
        expect match
    }

    test "an editor" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\notepad.exe",
            command_line: "mstsc \"C:\\Users\\x\\Downloads\\support.rdp\""
        }
        expect none
    }

    test "no connection file" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\mstsc.exe",
            command_line: "mstsc /v:jump C:\\Users\\x\\Downloads\\a.txt"
        }
        expect none
    }

    test "a file of the plant" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\mstsc.exe",
            command_line: "mstsc C:\\Plant\\hmi.rdp"
        }
        expect none
    }
}
