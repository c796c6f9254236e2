# Remote desktop into the plant goes through the jump host, and from nowhere else.
rule remote_desktop_past_the_jump_host {
    meta {
        id = "OT-WINDOWS-0015"
        sid = 9300015
        rev = 1
        severity = high
        attack = [ics.T0886, ics.T0859, enterprise.T1021.001]
        description = "Somebody logs on to a computer of the plant by remote desktop from an address that is not a jump host"
        falsepositives = "jump hosts that are missing from `jump_hosts`"
    }
    on logon as e
    where e.success
        and e.type == remote_interactive
        and e.host.asset.role in { hmi, scada, historian, engineering }
        and e.src.ip not in jump_hosts
    unless e.src.ip in { 127.0.0.0/8, ::1 }
    dedup by (e.host.name, e.src.ip, e.user) for 1h
    emit {
        title = "{e.user} logged on to {e.host.asset.name ?? e.host.name} from {e.src.ip}"
        evidence = [e.src.ip, e.user, e.op]
    }

    test "as it is seen" with { jump_hosts: { 10.20.0.10 } } {
        at 0s logon {
            host.name: "HMI-1", op: logon, success: true, type: remote_interactive,
            host.asset.role: engineering, src.ip: 10.30.1.9, user: "PLANT\\x"
        }
        expect match
    }

    test "refused" with { jump_hosts: { 10.20.0.10 } } {
        at 0s logon {
            host.name: "HMI-1", op: logon, success: false, type: remote_interactive,
            host.asset.role: engineering, src.ip: 10.30.1.9, user: "PLANT\\x"
        }
        expect none
    }

    test "at the keyboard" with { jump_hosts: { 10.20.0.10 } } {
        at 0s logon {
            host.name: "HMI-1", op: logon, success: true, type: interactive,
            host.asset.role: engineering, src.ip: 10.30.1.9, user: "PLANT\\x"
        }
        expect none
    }

    test "a computer of the office" with { jump_hosts: { 10.20.0.10 } } {
        at 0s logon {
            host.name: "HMI-1", op: logon, success: true, type: remote_interactive,
            host.asset.role: workstation, src.ip: 10.30.1.9, user: "PLANT\\x"
        }
        expect none
    }

    test "the jump host" with { jump_hosts: { 10.20.0.10 } } {
        at 0s logon {
            host.name: "HMI-1", op: logon, success: true, type: remote_interactive,
            host.asset.role: engineering, src.ip: 10.20.0.10, user: "PLANT\\x"
        }
        expect none
    }

    test "itself" with { jump_hosts: { 10.20.0.10 } } {
        at 0s logon {
            host.name: "HMI-1", op: logon, success: true, type: remote_interactive,
            host.asset.role: engineering, src.ip: 127.0.0.1, user: "PLANT\\x"
        }
        expect none
    }
}
