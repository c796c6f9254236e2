# What an outstation reports, and when, is configuration: classes of points, deadbands, a
# configuration that is saved or made active. A deadband that is wide enough hides anything.
# IEEE Std 1815-2012, 4.4; Annex A, group 34.
param configurers: set<ip> max 64 = {}

rule configuration_changed {
    meta {
        id = "OT-DNP3-0013"
        sid = 9218013
        rev = 1
        severity = medium
        attack = [ics.T0836, ics.T0878]
        description = "A host that does not configure changes what an outstation reports"
        falsepositives = "configuration from a host that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on dnp3 as d
    where d.request
        and (
            d.function in { assign_class, save_config, activate_config }
            or d.function == write
                and any o in d.objects (o.group == analog_input_deadband)
        )
        and d.src.ip not in configurers
    dedup by (d.src.ip, d.dst.ip, d.function) for 1h
    emit {
        title = "{d.src.ip}: {d.function} changes the configuration of {d.dst.asset.name ?? d.dst.ip}"
        evidence = [d.function, d.destination, d.objects, d.points]
    }

    test "classes" {
        at 0s dnp3 {
            request: true, function: 22, objects: [{ group: 60, variation: 1 }],
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "made active" {
        at 0s dnp3 { request: true, function: 31, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
        expect match
    }

    test "a deadband" {
        at 0s dnp3 {
            request: true, function: 2, objects: [{ group: 34, variation: 2 }],
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the restart bit is cleared" {
        at 0s dnp3 {
            request: true, function: 2, objects: [{ group: 80, variation: 1 }],
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a deadband is read" {
        at 0s dnp3 {
            request: true, function: 1, objects: [{ group: 34, variation: 2 }],
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "who may" with { configurers: { 10.20.0.5 } } {
        at 0s dnp3 {
            request: true, function: 22, objects: [{ group: 60, variation: 1 }],
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "an answer with deadbands" {
        at 0s dnp3 {
            request: false, function: 22, objects: [{ group: 34, variation: 2 }],
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
