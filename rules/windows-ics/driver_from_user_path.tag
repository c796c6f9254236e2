# Drivers lie below Windows. One that is loaded from where users write brings its own hole along.
rule driver_from_user_path {
    meta {
        id = "OT-WINDOWS-0022"
        sid = 9300022
        rev = 1
        severity = high
        attack = [ics.T0851, ics.T0890, enterprise.T1068]
        description = "A driver is loaded from a path that users write to"
        falsepositives = "tools that unpack a driver to run once"
    }
    on driver_load as e
    where e.path contains any {
        "\\users\\", "\\temp\\", "\\programdata\\", "\\perflogs\\", "\\downloads\\"
    }
    dedup by (e.host.name, e.path) for 1h
    emit {
        title = "driver {e.path.name} loaded from where users write on {e.host.name}"
        evidence = [e.path, e.signer, e.hashes.sha256]
    }

    test "as it is seen" {
        at 0s driver_load {
            host.name: "HMI-1", path: "C:\\Users\\x\\AppData\\Local\\Temp\\winring.sys"
        }
        expect match
    }

    test "a driver of Windows" {
        at 0s driver_load {
            host.name: "HMI-1", path: "C:\\Windows\\System32\\drivers\\ntfs.sys"
        }
        expect none
    }
}
