# A controller finds its devices by their station names. Who gives a device another name
# takes it away from its controller, and may put another in its place.
# IEC 61158-6-10, 4.3: NameOfStation.
rule station_name_changed {
    meta {
        id = "OT-PROFINET-0002"
        sid = 9300002
        rev = 1
        severity = high
        attack = [ics.T0813, ics.T0848, ics.T1692.001]
        description = "A station that is no engineering station names a device"
        falsepositives = "commissioning from a laptop that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0813/"
    }
    on dcp as d
    where d.request
        and d.service == set
        and d.block == name_of_station
        and d.src.mac not in engineering_stations
    on_unknown = count
    dedup by (d.src.mac, d.dst.mac, d.station_name) for 10m
    emit {
        title = "{d.src.mac} names {d.dst.mac} \"{d.station_name}\""
        evidence = [d.station_name, d.permanent, d.xid]
    }

    test "a stranger names a device" with {
        engineering_stations: { 02:00:00:00:20:05 }
    } {
        at 0s dcp {
            request: true, service: 4, block: 0x0202, station_name: "owned",
            permanent: true, src.mac: 02:00:00:00:30:09, dst.mac: 02:00:00:00:10:05
        }
        expect match
    }

    test "the engineering station" with { engineering_stations: { 02:00:00:00:20:05 } } {
        at 0s dcp {
            request: true, service: 4, block: 0x0202, station_name: "boiler-io",
            permanent: true, src.mac: 02:00:00:00:20:05, dst.mac: 02:00:00:00:10:05
        }
        expect none
    }

    test "an address is no name" with { engineering_stations: { 02:00:00:00:20:05 } } {
        at 0s dcp {
            request: true, service: 4, block: 0x0102, station_name: "owned",
            permanent: true, src.mac: 02:00:00:00:30:09, dst.mac: 02:00:00:00:10:05
        }
        expect none
    }

    test "to ask for the name" with { engineering_stations: { 02:00:00:00:20:05 } } {
        at 0s dcp {
            request: true, service: 3, block: 0x0202, station_name: "owned",
            src.mac: 02:00:00:00:30:09, dst.mac: 02:00:00:00:10:05
        }
        expect none
    }

    test "the answer" with { engineering_stations: { 02:00:00:00:20:05 } } {
        at 0s dcp {
            request: false, service: 4, block: 0x0202, station_name: "owned",
            src.mac: 02:00:00:00:10:05, dst.mac: 02:00:00:00:30:09
        }
        expect none
    }
}
