# Alarms, trends and switching times are told by the clock. It is set by one program.
rule clock_set {
    meta {
        id = "OT-LINUX-0009"
        sid = 9310009
        rev = 1
        severity = medium
        attack = [ics.T0872, enterprise.T1070.006]
        description = "The clock is set by something that is not a time service"
        falsepositives = "set-up of a computer"
    }
    on audit as e
    where e.op == time_change
        and e.image.name not in {
            "chronyd", "ntpd", "systemd-timesyncd", "ptp4l", "phc2sys"
        }
    unless maintenance(e.host.asset)
    dedup by (e.host.name, e.image) for 1h
    emit {
        title = "clock set by {e.image.name} on {e.host.name}"
        evidence = [e.image, e.user, e.login_user]
    }

    test "as it is seen" {
        at 0s audit {
            host.name: "gw-1", op: time_change, image: "/usr/bin/date",
            syscall: "clock_settime"
        }
        expect match
    }

    test "another call" {
        at 0s audit {
            host.name: "gw-1", op: syscall, image: "/usr/bin/date",
            syscall: "clock_settime"
        }
        expect none
    }

    test "a time service" {
        at 0s audit {
            host.name: "gw-1", op: time_change, image: "/usr/sbin/chronyd",
            syscall: "clock_settime"
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s audit {
            host.name: "gw-1", op: time_change, image: "/usr/bin/date",
            syscall: "clock_settime", host.asset.maintenance: true
        }
        expect none
    }
}
