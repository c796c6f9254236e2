# The File object takes what a device is to become: configuration, and in many products
# firmware. What comes from a host that is not the site's for that is an attack on the
# device itself. CIP Networks Library, Volume 1, section 5-42.
param update_stations: set<ip> max 64 = {}

rule file_into_device {
    meta {
        id = "OT-CIP-0008"
        sid = 9205008
        rev = 1
        severity = critical
        attack = [ics.T0857, ics.T0867]
        description = "A file is moved into a device"
        falsepositives = "an update from a laptop that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0857/"
    }
    on cip as c
    where not c.response
        and c.operation in {
            initiate_download, initiate_partial_write, download_transfer, clear_file
        }
        and c.src.ip not in update_stations
    dedup by (c.src.ip, c.dst.ip) for 10m
    emit {
        title = "{c.src.ip} moves a file into {c.dst.asset.name ?? c.dst.ip}"
        evidence = [c.operation, c.instance, c.artifact.size, c.artifact.sha256]
    }

    test "a download begins" {
        at 0s cip {
            response: false, service: 76, class: 55, instance: 1, operation: 14156,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the update station" with { update_stations: { 10.20.0.5 } } {
        at 0s cip {
            response: false, service: 76, class: 55, instance: 1, operation: 14156,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a file out of the device" {
        at 0s cip {
            response: false, service: 75, class: 55, instance: 1, operation: 14155,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the reply" {
        at 0s cip {
            response: true, service: 76, class: 55, instance: 1, operation: 14156,
            status: 0, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
