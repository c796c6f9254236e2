# JavaScript and VBScript arrive as attachments and downloads, and run with a double click.
rule script_from_user_folder {
    meta {
        id = "OT-WINDOWS-0002"
        sid = 9300002
        rev = 1
        severity = high
        attack = [ics.T0853, ics.T0863, enterprise.T1059.007]
        description = "The Windows Script Host runs a script out of a folder that downloads go to"
        falsepositives = "logon scripts that are kept in profiles"
    }
    on process as e
    where e.image.name in { "wscript.exe", "cscript.exe" }
        and e.command_line contains any i{ ".js", ".vbs", ".vbe", ".wsf", ".wsh" }
        and e.command_line contains any i{
            "\\downloads\\", "\\appdata\\", "\\temp\\", "\\desktop\\"
        }
    dedup by (e.host.name, e.command_line) for 1h
    emit {
        title = "script from a user folder run by {e.user} on {e.host.name}"
        evidence = [e.command_line, e.parent.image]
    }

    test "as it is seen" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\wscript.exe",
            command_line: "wscript C:\\Users\\x\\Downloads\\invoice.js", user: "PLANT\\x"
        }
        expect match
    }

    test "an editor" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\notepad.exe",
            command_line: "wscript C:\\Users\\x\\Downloads\\invoice.js", user: "PLANT\\x"
        }
        expect none
    }

    test "no script" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\wscript.exe",
            command_line: "wscript C:\\Users\\x\\Downloads\\readme.txt", user: "PLANT\\x"
        }
        expect none
    }

    test "an installed script" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\wscript.exe",
            command_line: "wscript C:\\Tools\\backup.vbs", user: "PLANT\\x"
        }
        expect none
    }
}
