# Before an attack on the process comes the list of its tags: their names say what they
# are for. Operator stations know their tags and do not ask. Logix 5000 Controllers Data
# Access, 1756-PM020, chapter 2.
param tag_browsers: set<ip> max 64 = {}

rule tags_listed {
    meta {
        id = "OT-CIP-0014"
        sid = 9205014
        rev = 1
        severity = medium
        attack = [ics.T0861, ics.T0888]
        description = "A host that is no engineering station lists the tags of a controller"
        falsepositives = "an operator station that is being configured"
        reference = "https://attack.mitre.org/techniques/T0861/"
    }
    on cip as c
    where not c.response
        and c.operation in { get_instance_attribute_list, read_template }
        and c.src.ip not in tag_browsers
    dedup by (c.src.ip, c.dst.ip) for 1h
    emit {
        title = "{c.src.ip} lists the tags of {c.dst.asset.name ?? c.dst.ip}"
        evidence = [c.operation, c.class, c.instance]
    }

    test "tags are listed" {
        at 0s cip {
            response: false, service: 85, class: 107, instance: 0, operation: 27477,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the engineering station" with { tag_browsers: { 10.20.0.5 } } {
        at 0s cip {
            response: false, service: 85, class: 107, instance: 0, operation: 27477,
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a tag is read" {
        at 0s cip {
            response: false, service: 76, class: 107, instance: 9, operation: 27468,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the reply" {
        at 0s cip {
            response: true, service: 85, class: 107, instance: 0, operation: 27477,
            status: 6, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
