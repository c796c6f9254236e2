# Windows Defender says by itself that its protection was turned off.
rule defender_protection_off {
    meta {
        id = "OT-WINDOWS-0018"
        sid = 9300018
        rev = 1
        severity = high
        attack = [ics.T0881, enterprise.T1562.001]
        description = "Protection by Windows Defender is turned off"
        falsepositives = "another product takes over"
    }
    on winevent as e
    where e.provider == "Microsoft-Windows-Windows Defender"
        and e.event_id in { 5001, 5010, 5012, 5101 }
    dedup by (e.host.name, e.event_id) for 1h
    emit {
        title = "protection is off on {e.host.name}"
        evidence = [e.event_id, e.message, e.raw["Product Name"]]
    }

    test "as it is seen" {
        at 0s winevent {
            host.name: "HMI-1", provider: "Microsoft-Windows-Windows Defender",
            channel: "Microsoft-Windows-Windows Defender/Operational", event_id: 5001
        }
        expect match
    }

    test "another provider" {
        at 0s winevent {
            host.name: "HMI-1", provider: "Microsoft-Windows-Kernel-Power",
            channel: "Microsoft-Windows-Windows Defender/Operational", event_id: 5001
        }
        expect none
    }

    test "an update" {
        at 0s winevent {
            host.name: "HMI-1", provider: "Microsoft-Windows-Windows Defender",
            channel: "Microsoft-Windows-Windows Defender/Operational", event_id: 2000
        }
        expect none
    }
}
