# A module was taken out of a device, or has failed. Somebody is at the cabinet.
# IEC 61158-6-10, 4.8: AlarmType.
rule module_pulled {
    meta {
        id = "OT-PROFINET-0018"
        sid = 9300018
        rev = 1
        severity = medium
        attack = [ics.T0826]
        description = "A module was pulled out of a device"
        falsepositives = "maintenance"
        reference = "https://attack.mitre.org/techniques/T0826/"
    }
    on pnio as p
    where p.request and p.alarm.type in { pull, pull_module }
    on_unknown = count
    dedup by (p.src.mac, p.slot) for 10m
    emit {
        title = "A module was pulled out of slot {p.slot} of {p.src.mac}"
        evidence = [p.alarm.type, p.frame_id, p.slot, p.subslot, p.alarm.module]
    }

    test "pulled" {
        at 0s pnio {
            request: true, alarm.type: 3, slot: 1, src.mac: 02:00:00:00:10:05,
            dst.mac: 02:00:00:00:30:09
        }
        expect match
    }

    test "plugged" {
        at 0s pnio {
            request: true, alarm.type: 4, slot: 1, src.mac: 02:00:00:00:10:05,
            dst.mac: 02:00:00:00:30:09
        }
        expect none
    }

    test "the acknowledgement" {
        at 0s pnio {
            request: false, alarm.type: 3, slot: 1, src.mac: 02:00:00:00:30:09,
            dst.mac: 02:00:00:00:10:05
        }
        expect none
    }
}
