# The password of a session opens what protection closes. It is sent in a form that
# anybody can undo. A wrong one is answered with D602.
rule password_operation {
    meta {
        id = "OT-S7-0011"
        sid = 9230011
        rev = 1
        severity = high
        attack = [ics.T0859, ics.T0812]
        description = "A host states a password to a controller, or gives the session up"
        falsepositives = "engineering on a protected controller that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0859/"
    }
    on s7 as m
    where m.rosctr == userdata
        and m.service in { set_password, clear_password }
        and (m.request or m.error == password_wrong)
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "Password operation {m.service} between {m.src.ip} and {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.service, m.error]
    }

    test "a password" {
        at 0s s7 {
            rosctr: userdata, request: true, service: set_password, error: none,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a wrong one" {
        at 0s s7 {
            rosctr: userdata, request: false, service: set_password,
            error: password_wrong, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect match
    }

    test "it was right" {
        at 0s s7 {
            rosctr: userdata, request: false, service: set_password, error: none,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "variables are read" {
        at 0s s7 {
            rosctr: job, request: true, function: read_var, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "another service" {
        at 0s s7 {
            rosctr: userdata, request: true, service: read_clock, error: none,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s s7 {
            rosctr: userdata, request: true, service: set_password, error: none,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5, dst.asset.maintenance: true
        }
        expect none
    }
}
