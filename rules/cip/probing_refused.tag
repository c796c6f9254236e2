# A device that refuses a service that it does not have, or a path that leads nowhere,
# was asked by somebody who does not know it: a scanner that tries what there is.
# Clients that are configured for a device do not run into this.
rule probing_refused {
    meta {
        id = "OT-CIP-0017"
        sid = 9205017
        rev = 1
        severity = medium
        attack = [ics.T0888, ics.T0846]
        description = "A device refuses services or paths that it does not have"
        falsepositives = "an operator station that is configured for another firmware"
        reference = "https://attack.mitre.org/techniques/T0888/"
    }
    on cip as c
    where c.response
        and c.status in {
            service_not_supported, path_destination_unknown, path_segment_error,
            object_does_not_exist, privilege_violation
        }
    dedup by (c.src.ip, c.dst.ip) for 1h
    emit {
        title = "{c.src.asset.name ?? c.src.ip} refuses what {c.dst.ip} asks: {c.status}"
        evidence = [c.operation, c.service, c.class, c.instance, c.symbol, c.status]
    }

    test "a service that is not supported" {
        at 0s cip {
            response: true, service: 16, class: 245, status: 8, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect match
    }

    test "a request has no status of its own" {
        at 0s cip {
            response: false, service: 16, class: 245, status: 8, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "more data to come" {
        at 0s cip {
            response: true, service: 82, status: 6, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
