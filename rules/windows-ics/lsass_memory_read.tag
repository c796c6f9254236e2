# Passwords of all who are logged on lie in the memory of lsass.
rule lsass_memory_read {
    meta {
        id = "OT-WINDOWS-0025"
        sid = 9300025
        rev = 1
        severity = high
        attack = [ics.T0859, enterprise.T1003.001]
        description = "A process opens lsass with the right to read its memory"
        falsepositives = "security products; they lie below the folders that are left out"
    }
    on process_access as e
    where e.target.image.name == "lsass.exe" and e.access & 0x10 != 0
    unless e.source.image contains any {
        "\\windows\\system32\\", "\\program files\\", "\\program files (x86)\\",
        "\\programdata\\microsoft\\windows defender\\"
    }
    dedup by (e.host.name, e.source.image) for 1h
    emit {
        title = "{e.source.image.name} reads the memory of lsass on {e.host.name}"
        evidence = [e.source.image, e.access, e.call_trace]
    }

    test "as it is seen" {
        at 0s process_access {
            host.name: "HMI-1", source.image: "C:\\Users\\x\\Downloads\\m.exe",
            target.image: "C:\\Windows\\System32\\lsass.exe", access: 0x1410
        }
        expect match
    }

    test "another target" {
        at 0s process_access {
            host.name: "HMI-1", source.image: "C:\\Users\\x\\Downloads\\m.exe",
            target.image: "C:\\Windows\\explorer.exe", access: 0x1410
        }
        expect none
    }

    test "only to ask" {
        at 0s process_access {
            host.name: "HMI-1", source.image: "C:\\Users\\x\\Downloads\\m.exe",
            target.image: "C:\\Windows\\System32\\lsass.exe", access: 0x1000
        }
        expect none
    }

    test "a part of Windows" {
        at 0s process_access {
            host.name: "HMI-1", source.image: "C:\\Windows\\System32\\wbem\\wmiprvse.exe",
            target.image: "C:\\Windows\\System32\\lsass.exe", access: 0x1410
        }
        expect none
    }
}
