# A gateway speaks to controllers with one program that is known.
rule script_tool_talks_to_controller {
    meta {
        id = "OT-LINUX-0008"
        sid = 9310008
        rev = 1
        severity = high
        attack = [ics.T0807, ics.T1692.001, ics.T0869]
        description = "A shell, an interpreter or a network tool connects to a controller"
        falsepositives = "test scripts of engineers; gateways that are written as scripts"
    }
    on connection as e
    where e.dst.asset.role in { plc, rtu, safety, dcs, ied, drive }
        and e.image.name in {
            "bash", "sh", "dash", "python3", "python", "perl", "ruby", "nc", "ncat",
            "socat", "nmap", "curl", "ssh"
        }
    dedup by (e.host.name, e.image, e.dst.ip) for 1h
    emit {
        title = "{e.image.name} on {e.host.name} talks to {e.dst.asset.id ?? e.dst.ip}"
        evidence = [e.dst.ip, e.dst.port, e.user]
    }

    test "as it is seen" {
        at 0s connection {
            host.name: "gw-1", dst.ip: 10.10.0.5, dst.port: 502, dst.asset.role: plc,
            image: "/usr/bin/python3"
        }
        expect match
    }

    test "a server of the office" {
        at 0s connection {
            host.name: "gw-1", dst.ip: 10.10.0.5, dst.port: 502, dst.asset.role: server,
            image: "/usr/bin/python3"
        }
        expect none
    }

    test "the gateway itself" {
        at 0s connection {
            host.name: "gw-1", dst.ip: 10.10.0.5, dst.port: 502, dst.asset.role: plc,
            image: "/opt/gateway/bin/modbusd"
        }
        expect none
    }
}
