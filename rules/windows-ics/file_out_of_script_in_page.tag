# A page that puts a file together by script leaves no address in the mark of the web: HTML
# smuggling.
rule file_out_of_script_in_page {
    meta {
        id = "OT-WINDOWS-0006"
        sid = 9300006
        rev = 1
        severity = high
        attack = [ics.T0865, enterprise.T1027.006]
        description = "A file is marked as downloaded from nowhere"
        falsepositives = "web applications that export files"
    }
    on file as e
    where e.op == stream
        and e.contents contains any {
            "HostUrl=about:internet", "HostUrl=blob:", "HostUrl=data:"
        }
        and e.path.name contains any {
            ".iso", ".img", ".zip", ".js", ".lnk", ".one", ".vhd", ".hta"
        }
    dedup by (e.host.name, e.path) for 1h
    emit {
        title = "{e.path.name} was made by a page on {e.host.name}"
        evidence = [e.contents, e.image, e.user]
    }

    test "as it is seen" {
        at 0s file {
            host.name: "HMI-1", op: stream,
            path: "C:\\Users\\x\\Downloads\\order.iso:Zone.Identifier",
            contents: "[ZoneTransfer]  ZoneId=3  HostUrl=about:internet"
        }
        expect match
    }

    test "no stream" {
        at 0s file {
            host.name: "HMI-1", op: create,
            path: "C:\\Users\\x\\Downloads\\order.iso:Zone.Identifier",
            contents: "[ZoneTransfer]  ZoneId=3  HostUrl=about:internet"
        }
        expect none
    }

    test "from an address" {
        at 0s file {
            host.name: "HMI-1", op: stream,
            path: "C:\\Users\\x\\Downloads\\order.iso:Zone.Identifier",
            contents: "[ZoneTransfer]  ZoneId=3  HostUrl=https://example.org/order.iso"
        }
        expect none
    }

    test "a table" {
        at 0s file {
            host.name: "HMI-1", op: stream,
            path: "C:\\Users\\x\\Downloads\\report.csv:Zone.Identifier",
            contents: "[ZoneTransfer]  ZoneId=3  HostUrl=about:internet"
        }
        expect none
    }
}
