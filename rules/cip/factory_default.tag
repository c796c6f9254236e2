# Reset with type 1 or 2 sets a device back to how it left the factory: its
# configuration is gone. Nobody does that to a device in operation, window or not. CIP
# Networks Library, Volume 1, section 5-2.3.
rule factory_default {
    meta {
        id = "OT-CIP-0005"
        sid = 9205005
        rev = 1
        severity = critical
        attack = [ics.T0809, ics.T0816]
        description = "A device is set to its factory default"
        falsepositives = "a device that is being taken out of service"
        reference = "https://attack.mitre.org/techniques/T0809/"
    }
    on cip as c
    where not c.response
        and c.operation == identity_reset
        and c.reset_type in { factory_default, factory_default_keep_communication }
    dedup by (c.src.ip, c.dst.ip) for 1m
    emit {
        title = "{c.src.ip} sets {c.dst.asset.name ?? c.dst.ip} to {c.reset_type}"
        evidence = [c.operation, c.instance, c.reset_type, c.route]
    }

    test "factory default" {
        at 0s cip {
            response: false, service: 5, class: 1, instance: 1, operation: 261,
            reset_type: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a power cycle" {
        at 0s cip {
            response: false, service: 5, class: 1, instance: 1, operation: 261,
            reset_type: 0, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "of a safety supervisor" {
        at 0s cip {
            response: false, service: 5, class: 57, instance: 1, operation: 14597,
            reset_type: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the reply" {
        at 0s cip {
            response: true, service: 5, class: 1, instance: 1, operation: 261,
            reset_type: 1, status: 0, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
