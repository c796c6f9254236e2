# Controllers are spoken to by engineering tools, drivers and servers. A shell or an interpreter
# that connects to one is a hand at work, or its script.
rule script_tool_talks_to_controller {
    meta {
        id = "OT-WINDOWS-0026"
        sid = 9300026
        rev = 1
        severity = high
        attack = [ics.T0807, ics.T1692.001, ics.T0869]
        description = "A shell, a script host or an interpreter connects to a controller"
        falsepositives = "test scripts of engineers"
    }
    on connection as e
    where e.dst.asset.role in { plc, rtu, safety, dcs, ied, drive }
        and e.image.name in {
            "powershell.exe", "pwsh.exe", "cmd.exe", "python.exe", "pythonw.exe",
            "wscript.exe", "cscript.exe", "mshta.exe", "rundll32.exe", "nc.exe",
            "ncat.exe", "nmap.exe", "plink.exe", "ssh.exe"
        }
    dedup by (e.host.name, e.image, e.dst.ip) for 1h
    emit {
        title = "{e.image.name} on {e.host.name} talks to {e.dst.asset.id ?? e.dst.ip}"
        evidence = [e.dst.ip, e.dst.port, e.user]
    }

    test "as it is seen" {
        at 0s connection {
            host.name: "HMI-1", dst.ip: 10.10.0.5, dst.port: 502, dst.asset.role: plc,
            image: "C:\\Python312\\python.exe"
        }
        expect match
    }

    test "a server of the office" {
        at 0s connection {
            host.name: "HMI-1", dst.ip: 10.10.0.5, dst.port: 502, dst.asset.role: server,
            image: "C:\\Python312\\python.exe"
        }
        expect none
    }

    test "a driver" {
        at 0s connection {
            host.name: "HMI-1", dst.ip: 10.10.0.5, dst.port: 502, dst.asset.role: plc,
            image: "C:\\Program Files\\Kepware\\server_runtime.exe"
        }
        expect none
    }
}
