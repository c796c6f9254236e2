# Images, shortcuts, notebooks and connection files are opened with a double click and carry
# what a mail filter does not see.
rule dangerous_attachment_saved {
    meta {
        id = "OT-WINDOWS-0005"
        sid = 9300005
        rev = 1
        severity = medium
        attack = [ics.T0865, enterprise.T1566.001, enterprise.T1553.005]
        description = "A mail client, an archiver or a browser writes an image, shortcut, notebook or connection file"
        falsepositives = "images of installation media fetched on purpose"
    }
    on file as e
    where e.op == create
        and e.image.name in {
            "outlook.exe", "thunderbird.exe", "msedge.exe", "chrome.exe", "firefox.exe",
            "iexplore.exe", "7zfm.exe", "winrar.exe"
        }
        and e.path.extension in {
            "iso", "img", "vhd", "vhdx", "lnk", "one", "rdp", "hta", "js", "jse", "vbs",
            "wsf", "chm"
        }
    dedup by (e.host.name, e.path) for 1h
    emit {
        title = "{e.image.name} saved {e.path.name} on {e.host.name}"
        evidence = [e.path, e.user]
    }

    test "as it is seen" {
        at 0s file {
            host.name: "HMI-1", op: create,
            image: "C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE",
            path: "C:\\Users\\x\\AppData\\Local\\Microsoft\\Windows\\INetCache\\Content.Outlook\\A1\\order.iso"
        }
        expect match
    }

    test "deleted" {
        at 0s file {
            host.name: "HMI-1", op: delete,
            image: "C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE",
            path: "C:\\Users\\x\\AppData\\Local\\Microsoft\\Windows\\INetCache\\Content.Outlook\\A1\\order.iso"
        }
        expect none
    }

    test "by an engineering tool" {
        at 0s file {
            host.name: "HMI-1", op: create, image: "C:\\Siemens\\Automation\\Portal.exe",
            path: "C:\\Users\\x\\AppData\\Local\\Microsoft\\Windows\\INetCache\\Content.Outlook\\A1\\order.iso"
        }
        expect none
    }

    test "a document" {
        at 0s file {
            host.name: "HMI-1", op: create,
            image: "C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE",
            path: "C:\\Users\\x\\Downloads\\manual.pdf"
        }
        expect none
    }
}
