# A device that is reset forgets its name and address, so its controller loses it; it
# comes back only when somebody names it again. Both forms are asked for by DCP Set,
# which any station on the network may send.
# IEC 61158-6-10, 4.3: ControlOption.
rule factory_reset {
    meta {
        id = "OT-PROFINET-0001"
        sid = 9300001
        rev = 1
        severity = critical
        attack = [ics.T0809, ics.T0813, ics.T0826]
        description = "A device is told to go back to factory settings"
        falsepositives = "a device that is prepared for another place"
        reference = "https://attack.mitre.org/techniques/T0809/"
    }
    on dcp as d
    where d.request
        and d.service == set
        and d.block in { reset_factory_settings, reset_to_factory }
    on_unknown = count
    dedup by (d.src.mac, d.dst.mac) for 10m
    emit {
        title = "{d.src.mac} resets {d.dst.mac} to factory settings"
        evidence = [d.op, d.block, d.reset, d.xid]
    }

    test "the form of old" {
        at 0s dcp {
            request: true, service: 4, block: 0x0505, src.mac: 02:00:00:00:30:09,
            dst.mac: 02:00:00:00:10:05
        }
        expect match
    }

    test "the form with a mode" {
        at 0s dcp {
            request: true, service: 4, block: 0x0506, reset: 8,
            src.mac: 02:00:00:00:20:05, dst.mac: 02:00:00:00:10:05
        }
        expect match
    }

    test "a lamp is no reset" {
        at 0s dcp {
            request: true, service: 4, block: 0x0503, src.mac: 02:00:00:00:30:09,
            dst.mac: 02:00:00:00:10:05
        }
        expect none
    }

    test "what a maker means by it" {
        at 0s dcp {
            request: true, service: 2, block: 0x0506, src.mac: 02:00:00:00:30:09,
            dst.mac: 02:00:00:00:10:05
        }
        expect none
    }

    test "the answer" {
        at 0s dcp {
            request: false, service: 4, block: 0x0506, src.mac: 02:00:00:00:10:05,
            dst.mac: 02:00:00:00:30:09
        }
        expect none
    }
}
