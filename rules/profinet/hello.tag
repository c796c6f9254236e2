# A device that is set up so says hello when it has started. Outside of planned work
# that means that it was restarted, or lost its supply.
# IEC 61158-6-10, 4.3: DCP-Hello.
rule hello {
    meta {
        id = "OT-PROFINET-0008"
        sid = 9300008
        rev = 1
        severity = low
        attack = [ics.T0816]
        description = "A PROFINET device has started"
        falsepositives = "planned work"
        reference = "https://attack.mitre.org/techniques/T0816/"
    }
    on dcp as d
    where d.service == hello
    on_unknown = count
    dedup by (d.src.mac) for 10m
    emit {
        title = "{d.station_name ?? d.src.mac} has started"
        evidence = [d.station_name, d.ip, d.vendor_id, d.device_id]
    }

    test "a hello" {
        at 0s dcp {
            request: true, service: 6, station_name: "boiler-io",
            src.mac: 02:00:00:00:10:05, dst.mac: 02:00:00:00:30:09
        }
        expect match
    }

    test "it was asked" {
        at 0s dcp {
            request: false, service: 5, station_name: "boiler-io",
            src.mac: 02:00:00:00:10:05, dst.mac: 02:00:00:00:30:09
        }
        expect none
    }
}
