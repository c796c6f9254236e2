# One frame asks every station of the network who it is, and each answers with name,
# address, maker and role. Controllers ask for one name only; to ask for all is what
# engineering tools and intruders do.
# IEC 61158-6-10, 4.3: AllSelector.
rule discovery {
    meta {
        id = "OT-PROFINET-0006"
        sid = 9300006
        rev = 1
        severity = medium
        attack = [ics.T0846, ics.T0888]
        description = "A station that is no engineering station asks all devices who they are"
        falsepositives = "an asset scanner that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0846/"
    }
    on dcp as d
    where d.request
        and d.service == identify
        and d.block == all_selector
        and d.src.mac not in engineering_stations
    on_unknown = count
    dedup by (d.src.mac) for 10m
    emit {
        title = "{d.src.mac} asks all PROFINET devices who they are"
        evidence = [d.block, d.response_delay, d.xid]
    }

    test "a stranger asks all" with { engineering_stations: { 02:00:00:00:20:05 } } {
        at 0s dcp {
            request: true, service: 5, block: 0xffff, src.mac: 02:00:00:00:30:09,
            dst.mac: 02:00:00:00:10:05
        }
        expect match
    }

    test "the engineering station" with { engineering_stations: { 02:00:00:00:20:05 } } {
        at 0s dcp {
            request: true, service: 5, block: 0xffff, src.mac: 02:00:00:00:20:05,
            dst.mac: 02:00:00:00:10:05
        }
        expect none
    }

    test "a controller looks for one name" with {
        engineering_stations: { 02:00:00:00:20:05 }
    } {
        at 0s dcp {
            request: true, service: 5, block: 0x0202, station_name: "boiler-io",
            src.mac: 02:00:00:00:30:09, dst.mac: 02:00:00:00:10:05
        }
        expect none
    }

    test "the same block in another service" with {
        engineering_stations: { 02:00:00:00:20:05 }
    } {
        at 0s dcp {
            request: true, service: 3, block: 0xffff, src.mac: 02:00:00:00:30:09,
            dst.mac: 02:00:00:00:10:05
        }
        expect none
    }

    test "an answer" with { engineering_stations: { 02:00:00:00:20:05 } } {
        at 0s dcp {
            request: false, service: 5, block: 0xffff, src.mac: 02:00:00:00:10:05,
            dst.mac: 02:00:00:00:30:09
        }
        expect none
    }
}
