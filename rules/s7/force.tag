# A force of the programmer group holds an input or output at a value, whatever the
# program computes or the sensor says.
rule force {
    meta {
        id = "OT-S7-0014"
        sid = 9230014
        rev = 1
        severity = critical
        attack = [ics.T0835, ics.T0831]
        description = "Inputs or outputs of a controller are forced, or variables modified from a programming device"
        falsepositives = "commissioning that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0835/"
    }
    on s7 as m
    where m.rosctr == userdata and m.request and m.service in { force, modify_variable }
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} sends {m.service} to {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.service, m.data]
    }

    test "force" {
        at 0s s7 {
            rosctr: userdata, request: true, service: force, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "variables are read" {
        at 0s s7 {
            rosctr: job, request: true, function: read_var, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "variables are watched" {
        at 0s s7 {
            rosctr: userdata, request: true, service: variable_status, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s s7 {
            rosctr: userdata, request: false, service: force, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s s7 {
            rosctr: userdata, request: true, service: force, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5, dst.asset.maintenance: true
        }
        expect none
    }
}
