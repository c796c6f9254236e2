# Accounts are changed by their tools, not by an editor or a shell.
rule account_file_changed {
    meta {
        id = "OT-LINUX-0006"
        sid = 9310006
        rev = 1
        severity = high
        attack = [ics.T0859, enterprise.T1098]
        description = "A file of accounts or rights is changed by something that is not made for it"
        falsepositives = "configuration management"
    }
    on file as e
    where e.op in { create, write, delete, rename, attributes }
        and (
            e.path in {
                "/etc/passwd", "/etc/shadow", "/etc/sudoers", "/etc/ssh/sshd_config"
            }
            or e.path.name == "authorized_keys"
        )
        and e.image.name not in {
            "useradd", "usermod", "userdel", "passwd", "chpasswd", "groupadd", "visudo",
            "dpkg", "rpm"
        }
    dedup by (e.host.name, e.path) for 1h
    emit {
        title = "{e.path} changed by {e.image.name} on {e.host.name}"
        evidence = [e.path, e.op, e.user, e.login_user]
    }

    test "as it is seen" {
        at 0s file {
            host.name: "gw-1", op: rename, path: "/etc/shadow", image: "/usr/bin/mv"
        }
        expect match
    }

    test "a key for any account" {
        at 0s file {
            host.name: "gw-1", op: write, path: "/srv/hmi/.ssh/authorized_keys",
            image: "/usr/bin/tee"
        }
        expect match
    }

    test "read" {
        at 0s file {
            host.name: "gw-1", op: access, path: "/etc/shadow", image: "/usr/bin/mv"
        }
        expect none
    }

    test "another file" {
        at 0s file {
            host.name: "gw-1", op: rename, path: "/etc/motd", image: "/usr/bin/mv"
        }
        expect none
    }

    test "by its tool" {
        at 0s file {
            host.name: "gw-1", op: rename, path: "/etc/shadow", image: "/usr/sbin/useradd"
        }
        expect none
    }
}
