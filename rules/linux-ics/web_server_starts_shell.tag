# A web server that starts a shell has a hole, or a door that somebody left.
rule web_server_starts_shell {
    meta {
        id = "OT-LINUX-0001"
        sid = 9310001
        rev = 1
        severity = high
        attack = [ics.T0819, ics.T0807, enterprise.T1505.003]
        description = "A shell is started by a web server"
        falsepositives = "CGI scripts of old devices"
    }
    on process as e
    where e.parent.image.name in {
            "nginx", "apache2", "httpd", "lighttpd", "php-fpm", "java", "node"
        }
        and e.image.name in {
            "sh", "bash", "dash", "ash", "zsh", "python3", "perl", "nc", "curl", "wget"
        }
    dedup by (e.host.name, e.parent.image, e.image) for 1h
    emit {
        title = "{e.parent.image.name} started {e.image.name} on {e.host.name}"
        evidence = [e.command_line, e.user]
    }

    test "as it is seen" {
        at 0s process {
            host.name: "gw-1", image: "/bin/sh", command_line: "sh -c id",
            parent.image: "/usr/sbin/nginx"
        }
        expect match
    }

    test "by a login" {
        at 0s process {
            host.name: "gw-1", image: "/bin/sh", command_line: "sh -c id",
            parent.image: "/usr/sbin/sshd"
        }
        expect none
    }

    test "a worker" {
        at 0s process {
            host.name: "gw-1", image: "/usr/sbin/nginx-worker", command_line: "sh -c id",
            parent.image: "/usr/sbin/nginx"
        }
        expect none
    }
}
