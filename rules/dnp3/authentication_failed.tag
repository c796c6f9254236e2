# Secure authentication answers with an error if a code is wrong, a user is unknown, or is
# known and may not. Once is a key that expired; either way somebody should look.
# IEEE Std 1815-2012, 7 and A.45.7.
rule authentication_failed {
    meta {
        id = "OT-DNP3-0011"
        sid = 9218011
        rev = 1
        severity = high
        attack = [ics.T0859]
        description = "Secure authentication of a request fails"
        falsepositives = "keys that changed on one side only"
        reference = "https://attack.mitre.org/techniques/T0859/"
    }
    on dnp3 as d
    where d.auth.error is present
        and d.auth.error in {
            authentication_failed, authorization_failed, invalid_signature,
            invalid_certification_data, unknown_user, aggressive_mode_not_supported
        }
    dedup by (d.src.ip, d.dst.ip, d.auth.user, d.auth.error) for 10m
    emit {
        title = "{d.src.asset.name ?? d.src.ip} reports {d.auth.error} to {d.dst.ip}"
        evidence = [d.auth.user, d.auth.error, d.request_function]
    }

    test "a wrong code" {
        at 0s dnp3 {
            auth.user: 1, auth.error: 1, request_function: 5, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect match
    }

    test "a user who may not" {
        at 0s dnp3 {
            auth.user: 7, auth.error: 7, request_function: 5, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect match
    }

    test "an algorithm that is not supported" {
        at 0s dnp3 {
            auth.user: 1, auth.error: 5, request_function: 5, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a challenge" {
        at 0s dnp3 {
            auth.user: 0, auth.reason: 1, request_function: 5, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }
}
