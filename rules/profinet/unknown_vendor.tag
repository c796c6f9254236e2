# A device says who made it. One of a maker that the site does not buy from was brought
# along by somebody, or is a program that plays a device.
# IEC 61158-6-10, 4.3: DeviceIDValue.
#
# Vendor identifiers of what the site has, as PROFIBUS and PROFINET International assigns
# them.
param vendors: set<int> max 1024 = {}

rule unknown_vendor {
    meta {
        id = "OT-PROFINET-0007"
        sid = 9300007
        rev = 1
        severity = medium
        attack = [ics.T0848, ics.T0864]
        description = "A PROFINET device is of a maker that the site does not know"
        falsepositives = "a new product that was not listed"
        reference = "https://attack.mitre.org/techniques/T0864/"
    }
    on dcp as d
    where d.service in { identify, hello } and d.vendor_id not in vendors
    on_unknown = count
    dedup by (d.src.mac) for 10m
    emit {
        title = "{d.src.mac} says that it is a device of vendor {d.vendor_id}"
        evidence = [d.vendor_id, d.device_id, d.station_name, d.station_type]
    }

    test "another maker" with { vendors: { 0x0ffe } } {
        at 0s dcp {
            request: false, service: 5, vendor_id: 0x4242, device_id: 1,
            src.mac: 02:00:00:00:10:05, dst.mac: 02:00:00:00:30:09
        }
        expect match
    }

    test "a maker that is known" with { vendors: { 0x0ffe } } {
        at 0s dcp {
            request: false, service: 5, vendor_id: 0x0ffe, device_id: 1,
            src.mac: 02:00:00:00:10:05, dst.mac: 02:00:00:00:30:09
        }
        expect none
    }

    test "a device says hello" with { vendors: { 0x0ffe } } {
        at 0s dcp {
            request: true, service: 6, vendor_id: 0x4242, device_id: 1,
            src.mac: 02:00:00:00:10:05, dst.mac: 02:00:00:00:30:09
        }
        expect match
    }

    test "it was asked for in particular" with { vendors: { 0x0ffe } } {
        at 0s dcp {
            request: false, service: 3, vendor_id: 0x4242, device_id: 1,
            src.mac: 02:00:00:00:10:05, dst.mac: 02:00:00:00:30:09
        }
        expect none
    }
}
