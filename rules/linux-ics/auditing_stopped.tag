# The rules of auditing are set when a computer starts.
rule auditing_stopped {
    meta {
        id = "OT-LINUX-0003"
        sid = 9310003
        rev = 1
        severity = high
        attack = [ics.T0872, enterprise.T1562.012]
        description = "Auditing is stopped, or its rules are changed"
        falsepositives = "a change of configuration; a restart"
    }
    on audit as e
    where e.op in { service_stop, policy_change } and e.provider == "auditd"
    unless maintenance(e.host.asset)
    dedup by (e.host.name, e.op) for 1h
    emit {
        title = "auditing changed on {e.host.name}"
        evidence = [e.type, e.login_user, e.image]
    }

    test "as it is seen" {
        at 0s audit {
            host.name: "gw-1", op: service_stop, provider: "auditd", type: "DAEMON_END"
        }
        expect match
    }

    test "it starts" {
        at 0s audit {
            host.name: "gw-1", op: service_start, provider: "auditd", type: "DAEMON_END"
        }
        expect none
    }

    test "on Windows" {
        at 0s audit {
            host.name: "gw-1", op: service_stop, provider: "Microsoft-Windows-Eventlog",
            type: "DAEMON_END"
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s audit {
            host.name: "gw-1", op: service_stop, provider: "auditd", type: "DAEMON_END",
            host.asset.maintenance: true
        }
        expect none
    }
}
