# Nobody logs in as root from afar.
rule root_login_refused {
    meta {
        id = "OT-LINUX-0005"
        sid = 9310005
        rev = 1
        severity = medium
        attack = [ics.T0859, ics.T0886, enterprise.T1110]
        description = "A login as root from another computer is refused"
        falsepositives = "a mistyped name"
    }
    on logon as e
    where not e.success and e.user == "root" and e.src.ip is present
    dedup by (e.host.name, e.src.ip) for 1h
    emit {
        title = "login as root from {e.src.ip} refused on {e.host.name}"
        evidence = [e.src.ip, e.terminal, e.image]
    }

    test "as it is seen" {
        at 0s logon {
            host.name: "gw-1", op: logon, success: false, user: "root", src.ip: 10.30.1.9,
            terminal: "ssh"
        }
        expect match
    }

    test "let in" {
        at 0s logon {
            host.name: "gw-1", op: logon, success: true, user: "root", src.ip: 10.30.1.9,
            terminal: "ssh"
        }
        expect none
    }

    test "an operator" {
        at 0s logon {
            host.name: "gw-1", op: logon, success: false, user: "operator",
            src.ip: 10.30.1.9, terminal: "ssh"
        }
        expect none
    }

    test "at the console" {
        at 0s logon {
            host.name: "gw-1", op: logon, success: false, user: "root", terminal: "ssh"
        }
        expect none
    }
}
