# A task that runs a script or something that lies where every user may write stays after the
# attacker has gone.
rule task_runs_from_user_path {
    meta {
        id = "OT-WINDOWS-0014"
        sid = 9300014
        rev = 1
        severity = high
        attack = [ics.T0886, enterprise.T1053.005]
        description = "A scheduled task is made that runs a shell, or a program from a path that users write to"
        falsepositives = "updaters that install themselves into profiles"
    }
    on task as e
    where e.op in { create, update }
        and e.command_line contains any i{
            "\\users\\public\\", "\\appdata\\", "\\temp\\", "\\programdata\\",
            "powershell", "wscript", "mshta", "cmd.exe /c", "rundll32"
        }
    dedup by (e.host.name, e.name) for 1h
    emit {
        title = "task {e.name} on {e.host.name} runs from where users write"
        evidence = [e.command_line, e.user, e.run_as]
    }

    test "as it is seen" {
        at 0s task {
            host.name: "HMI-1", op: create, name: "\\Updater",
            command_line: "C:\\Users\\Public\\u.exe -x"
        }
        expect match
    }

    test "it ran" {
        at 0s task {
            host.name: "HMI-1", op: launch, name: "\\Updater",
            command_line: "C:\\Users\\Public\\u.exe -x"
        }
        expect none
    }

    test "a program of Windows" {
        at 0s task {
            host.name: "HMI-1", op: create, name: "\\Updater",
            command_line: "C:\\Windows\\System32\\defrag.exe -c"
        }
        expect none
    }
}
