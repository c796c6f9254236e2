# Logs of a plant computer are kept, not cleared.
rule log_cleared {
    meta {
        id = "OT-WINDOWS-0023"
        sid = 9300023
        rev = 1
        severity = high
        attack = [ics.T0872, enterprise.T1070.001]
        description = "An event log is cleared"
        falsepositives = "set-up of a computer"
    }
    on audit as e
    where e.op == log_clear
    dedup by (e.host.name, e.log) for 1h
    emit {
        title = "log {e.log} cleared on {e.host.name}"
        evidence = [e.log, e.user]
    }

    test "as it is seen" {
        at 0s audit {
            host.name: "HMI-1", op: log_clear, log: "Security", user: "PLANT\\x",
            event_id: 1102
        }
        expect match
    }

    test "a policy is changed" {
        at 0s audit {
            host.name: "HMI-1", op: policy_change, log: "Security", user: "PLANT\\x",
            event_id: 1102
        }
        expect none
    }
}
