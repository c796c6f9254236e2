# Administrators of plant computers are few and known.
rule administrator_added {
    meta {
        id = "OT-WINDOWS-0024"
        sid = 9300024
        rev = 1
        severity = high
        attack = [ics.T0859, enterprise.T1098]
        description = "An account becomes a member of the local administrators"
        falsepositives = "planned changes"
    }
    on account as e
    where e.op == member_add and e.group_sid == "S-1-5-32-544"
    dedup by (e.host.name, e.user_sid) for 1h
    emit {
        title = "new administrator on {e.host.name}"
        evidence = [e.user, e.user_sid, e.subject.user]
    }

    test "as it is seen" {
        at 0s account {
            host.name: "HMI-1", op: member_add, group: "Builtin\\Administrators",
            group_sid: "S-1-5-32-544", user_sid: "S-1-5-21-1-2-3-1001"
        }
        expect match
    }

    test "one less" {
        at 0s account {
            host.name: "HMI-1", op: member_remove, group: "Builtin\\Administrators",
            group_sid: "S-1-5-32-544", user_sid: "S-1-5-21-1-2-3-1001"
        }
        expect none
    }

    test "remote desktop users" {
        at 0s account {
            host.name: "HMI-1", op: member_add, group: "Builtin\\Administrators",
            group_sid: "S-1-5-32-555", user_sid: "S-1-5-21-1-2-3-1001"
        }
        expect none
    }
}
