# Accounts of gateways and servers of a plant are made when these are set up.
rule account_created {
    meta {
        id = "OT-LINUX-0004"
        sid = 9310004
        rev = 1
        severity = medium
        attack = [ics.T0859, enterprise.T1136.001]
        description = "An account is created"
        falsepositives = "installation of packages that bring accounts of their own"
    }
    on account as e
    where e.op == user_create and e.provider == "auditd"
    dedup by (e.host.name, e.user) for 1h
    emit {
        title = "account {e.user} created on {e.host.name}"
        evidence = [e.user, e.subject.user, e.image]
    }

    test "as it is seen" {
        at 0s account {
            host.name: "gw-1", op: user_create, provider: "auditd", user: "backup2",
            image: "/usr/sbin/useradd"
        }
        expect match
    }

    test "deleted" {
        at 0s account {
            host.name: "gw-1", op: user_delete, provider: "auditd", user: "backup2",
            image: "/usr/sbin/useradd"
        }
        expect none
    }

    test "on Windows" {
        at 0s account {
            host.name: "gw-1", op: user_create,
            provider: "Microsoft-Windows-Security-Auditing", user: "backup2",
            image: "/usr/sbin/useradd"
        }
        expect none
    }
}
