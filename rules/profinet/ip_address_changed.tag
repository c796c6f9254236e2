# Another address, mask or gateway cuts a device off, or sends what it says through
# somebody else. What is set for the time being is gone with the next start, and with it
# the trace.
# IEC 61158-6-10, 4.3: IPParameter.
rule ip_address_changed {
    meta {
        id = "OT-PROFINET-0003"
        sid = 9300003
        rev = 1
        severity = high
        attack = [ics.T0813, ics.T0830, ics.T1692.001]
        description = "A station that is no engineering station sets the IP address of a device"
        falsepositives = "commissioning from a laptop that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0813/"
    }
    on dcp as d
    where d.request
        and d.service == set
        and d.block in { ip_parameter, full_ip_suite }
        and d.src.mac not in engineering_stations
    on_unknown = count
    dedup by (d.src.mac, d.dst.mac, d.ip) for 10m
    emit {
        title = "{d.src.mac} sets the address of {d.dst.mac} to {d.ip}"
        evidence = [d.ip, d.mask, d.gateway, d.permanent, d.xid]
    }

    test "a stranger sets an address" with {
        engineering_stations: { 02:00:00:00:20:05 }
    } {
        at 0s dcp {
            request: true, service: 4, block: 0x0102, ip: 192.168.10.77, permanent: false,
            src.mac: 02:00:00:00:30:09, dst.mac: 02:00:00:00:10:05
        }
        expect match
    }

    test "the engineering station" with { engineering_stations: { 02:00:00:00:20:05 } } {
        at 0s dcp {
            request: true, service: 4, block: 0x0102, ip: 192.168.10.77,
            src.mac: 02:00:00:00:20:05, dst.mac: 02:00:00:00:10:05
        }
        expect none
    }

    test "a name is no address" with { engineering_stations: { 02:00:00:00:20:05 } } {
        at 0s dcp {
            request: true, service: 4, block: 0x0202, ip: 192.168.10.77,
            src.mac: 02:00:00:00:30:09, dst.mac: 02:00:00:00:10:05
        }
        expect none
    }

    test "to ask for the address" with { engineering_stations: { 02:00:00:00:20:05 } } {
        at 0s dcp {
            request: true, service: 3, block: 0x0102, ip: 192.168.10.77,
            src.mac: 02:00:00:00:30:09, dst.mac: 02:00:00:00:10:05
        }
        expect none
    }

    test "the answer" with { engineering_stations: { 02:00:00:00:20:05 } } {
        at 0s dcp {
            request: false, service: 4, block: 0x0102, ip: 192.168.10.77,
            src.mac: 02:00:00:00:10:05, dst.mac: 02:00:00:00:30:09
        }
        expect none
    }
}
