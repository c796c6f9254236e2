# A device in operation refuses another name or address. Who tries nevertheless does not
# know that it is in operation, or does not care.
# IEC 61158-6-10, 4.3: BlockError.
rule set_refused {
    meta {
        id = "OT-PROFINET-0010"
        sid = 9300010
        rev = 1
        severity = medium
        attack = [ics.T0813, ics.T1692.001]
        description = "A device refuses to be configured"
        falsepositives = "an engineering tool that is used while the plant runs"
        reference = "https://attack.mitre.org/techniques/T1692.001/"
    }
    on dcp as d
    where d.service == set and d.error in { local_reasons, in_operation }
    on_unknown = count
    dedup by (d.src.mac, d.dst.mac) for 10m
    emit {
        title = "{d.src.mac} refuses what {d.dst.mac} wants to set"
        evidence = [d.block, d.station_name, d.error, d.xid]
    }

    test "it is in operation" {
        at 0s dcp {
            request: false, service: 4, block: 0x0202, error: 6,
            src.mac: 02:00:00:00:10:05, dst.mac: 02:00:00:00:30:09
        }
        expect match
    }

    test "it does not know the block" {
        at 0s dcp {
            request: false, service: 4, block: 0x0202, error: 2,
            src.mac: 02:00:00:00:10:05, dst.mac: 02:00:00:00:30:09
        }
        expect none
    }

    test "nothing was set" {
        at 0s dcp {
            request: false, service: 3, block: 0x0202, error: 6,
            src.mac: 02:00:00:00:10:05, dst.mac: 02:00:00:00:30:09
        }
        expect none
    }
}
