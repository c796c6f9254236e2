# The Safety Supervisor of a CIP Safety device holds its mode, its configuration and its
# password. Nothing of it changes but when the safety function is put into service. CIP
# Networks Library, Volume 5.
rule safety_supervisor_changed {
    meta {
        id = "OT-CIP-0013"
        sid = 9205013
        rev = 1
        severity = critical
        attack = [ics.T0880, ics.T0892, ics.T0858]
        description = "A safety supervisor is reset, unlocked or given a password"
        falsepositives = "a safety function that is put into service"
        reference = "https://attack.mitre.org/techniques/T0880/"
    }
    on cip as c
    where not c.response
        and c.operation in {
            safety_supervisor_reset, safety_configure_request,
            safety_validate_configuration, safety_set_password, safety_configuration_lock,
            safety_mode_change, safety_reset, safety_reset_password, safety_apply_tunid
        }
    unless maintenance(c.dst.asset)
    dedup by (c.src.ip, c.dst.ip, c.operation) for 10m
    emit {
        title = "{c.src.ip} sends {c.operation} to {c.dst.asset.name ?? c.dst.ip}"
        evidence = [c.operation, c.class, c.instance]
    }

    test "a password is set" {
        at 0s cip {
            response: false, service: 81, class: 57, instance: 1, operation: 14673,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "diagnostics" {
        at 0s cip {
            response: false, service: 78, class: 57, instance: 1, operation: 14670,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s cip {
            response: false, service: 81, class: 57, instance: 1, operation: 14673,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5, dst.asset.maintenance: true
        }
        expect none
    }

    test "the reply" {
        at 0s cip {
            response: true, service: 81, class: 57, instance: 1, operation: 14673,
            status: 0, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
