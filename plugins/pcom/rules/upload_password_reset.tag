# Without its upload password anybody may read the logic of a controller out again.
# Team82, Unraveling the Unitronics attack, 2024.
rule upload_password_reset {
    meta {
        id = "OT-PCOM-0003"
        sid = 9261003
        rev = 1
        severity = critical
        attack = [ics.T0892]
        description = "The upload password of a controller is reset"
        falsepositives = "an engineer who has forgotten it"
        reference = "https://attack.mitre.org/techniques/T0892/"
    }
    on pcom as m
    where m.request and m.mode == binary and m.function == reset_upload_password
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} resets the upload password of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.function, m.unit]
    }

    test "reset" {
        at 0s pcom {
            request: true, mode: binary, function: reset_upload_password, unit: 1,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "checked" {
        at 0s pcom {
            request: true, mode: binary, function: check_password, unit: 1,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "a number in the other form" {
        at 0s pcom {
            request: true, mode: ascii, function: reset_upload_password,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "the reply" {
        at 0s pcom {
            request: false, mode: binary, function: reset_upload_password, unit: 1,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }
}
