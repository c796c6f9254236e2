# mshta runs what stands on its command line or behind an address, outside of any browser.
rule mshta_runs_script {
    meta {
        id = "OT-WINDOWS-0003"
        sid = 9300003
        rev = 1
        severity = high
        attack = [ics.T0853, ics.T0894, enterprise.T1218.005]
        description = "mshta is given a script or an address"
        falsepositives = "none known on plant computers"
    }
    on process as e
    where e.image.name == "mshta.exe"
        and e.command_line contains any i{
            "javascript:", "vbscript:", "http://", "https://", "\\\\"
        }
    dedup by (e.host.name, e.command_line) for 1h
    emit {
        title = "mshta runs a script on {e.host.name}"
        evidence = [e.command_line, e.user, e.parent.image]
    }

    test "as it is seen" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\mshta.exe",
            command_line: "mshta javascript:close()"
        }
        expect match
    }

    test "a program that mentions it" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\findstr.exe",
            command_line: "mshta javascript:close()"
        }
        expect none
    }

    test "a page of its own" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\mshta.exe",
            command_line: "mshta C:\\Program Files\\HMI\\about.hta"
        }
        expect none
    }
}
