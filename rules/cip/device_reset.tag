# The service Reset of the Identity object restarts a device, which is then gone for
# seconds or minutes; every EtherNet/IP device has it. CIP Networks Library, Volume 1,
# section 5-2.3.
rule device_reset {
    meta {
        id = "OT-CIP-0004"
        sid = 9205004
        rev = 1
        severity = high
        attack = [ics.T0816, ics.T0814]
        description = "A device is restarted by the service Reset"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0816/"
    }
    on cip as c
    where not c.response and c.operation == identity_reset
    unless maintenance(c.dst.asset)
    dedup by (c.src.ip, c.dst.ip, c.reset_type) for 1m
    emit {
        title = "{c.src.ip} resets {c.dst.asset.name ?? c.dst.ip}: {c.reset_type}"
        evidence = [c.operation, c.instance, c.reset_type, c.route]
    }

    test "power cycle" {
        at 0s cip {
            response: false, service: 5, class: 1, instance: 1, operation: 261,
            reset_type: 0, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "Reset of another class" {
        at 0s cip {
            response: false, service: 5, class: 5, instance: 1, operation: 1285,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s cip {
            response: false, service: 5, class: 1, instance: 1, operation: 261,
            reset_type: 0, src.ip: 10.30.1.9, dst.ip: 10.10.0.5,
            dst.asset.maintenance: true
        }
        expect none
    }

    test "the reply" {
        at 0s cip {
            response: true, service: 5, class: 1, instance: 1, operation: 261,
            reset_type: 0, status: 0, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
