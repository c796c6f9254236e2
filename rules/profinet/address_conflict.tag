# A device has found that another station uses its address: a mistake, or somebody who
# wants to have what is sent to it.
# IEC 61158-6-10, 4.3: BlockInfo of IPParameter.
rule address_conflict {
    meta {
        id = "OT-PROFINET-0009"
        sid = 9300009
        rev = 1
        severity = high
        attack = [ics.T0830]
        description = "A device says that somebody else has its IP address"
        falsepositives = "an address that was given twice by mistake"
        reference = "https://attack.mitre.org/techniques/T0830/"
    }
    on dcp as d
    where d.ip_info in { not_set_conflict, set_conflict, set_by_dhcp_conflict }
    on_unknown = count
    dedup by (d.src.mac, d.ip) for 10m
    emit {
        title = "The address {d.ip} of {d.src.mac} is used by another station"
        evidence = [d.ip, d.ip_info, d.station_name]
    }

    test "in use" {
        at 0s dcp {
            request: false, service: 5, ip: 192.168.10.5, ip_info: 0x81,
            src.mac: 02:00:00:00:10:05, dst.mac: 02:00:00:00:30:09
        }
        expect match
    }

    test "all is well" {
        at 0s dcp {
            request: false, service: 5, ip: 192.168.10.5, ip_info: 1,
            src.mac: 02:00:00:00:10:05, dst.mac: 02:00:00:00:30:09
        }
        expect none
    }
}
