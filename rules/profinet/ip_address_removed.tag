# With the address 0.0.0.0 a device has none: its relation to the controller breaks down
# at once, and over IP it can no longer be reached. A controller does this to a device
# whose address somebody else has; nobody else has a reason.
# IEC 61158-6-10, 4.3: IPParameter.
rule ip_address_removed {
    meta {
        id = "OT-PROFINET-0004"
        sid = 9300004
        rev = 1
        severity = critical
        attack = [ics.T0813, ics.T0814]
        description = "The IP address of a device is taken away"
        falsepositives = "a controller that has found its address in use"
        reference = "https://attack.mitre.org/techniques/T0813/"
    }
    on dcp as d
    where d.request
        and d.service == set
        and d.block in { ip_parameter, full_ip_suite }
        and d.ip == 0.0.0.0
    on_unknown = count
    dedup by (d.src.mac, d.dst.mac) for 10m
    emit {
        title = "{d.src.mac} takes the address of {d.dst.mac} away"
        evidence = [d.ip, d.permanent, d.xid]
    }

    test "all zero" {
        at 0s dcp {
            request: true, service: 4, block: 0x0102, ip: 0.0.0.0,
            src.mac: 02:00:00:00:30:09, dst.mac: 02:00:00:00:10:05
        }
        expect match
    }

    test "another address" {
        at 0s dcp {
            request: true, service: 4, block: 0x0102, ip: 192.168.10.77,
            src.mac: 02:00:00:00:30:09, dst.mac: 02:00:00:00:10:05
        }
        expect none
    }

    test "a name, and an address that is not meant" {
        at 0s dcp {
            request: true, service: 4, block: 0x0202, ip: 0.0.0.0,
            src.mac: 02:00:00:00:30:09, dst.mac: 02:00:00:00:10:05
        }
        expect none
    }

    test "a device says that it has none" {
        at 0s dcp {
            request: false, service: 4, block: 0x0102, ip: 0.0.0.0,
            src.mac: 02:00:00:00:10:05, dst.mac: 02:00:00:00:30:09
        }
        expect none
    }

    test "to ask for the address" {
        at 0s dcp {
            request: true, service: 3, block: 0x0102, ip: 0.0.0.0,
            src.mac: 02:00:00:00:30:09, dst.mac: 02:00:00:00:10:05
        }
        expect none
    }
}
