# Forward Open makes a device reserve a connection: to read and write its input and
# output, or to exchange messages. Few hosts have to, and a device has few connections
# to give. CIP Networks Library, Volume 1, section 3-5.5.
param originators: set<ip> max 1024 = {}

rule connection_opened_by_stranger {
    meta {
        id = "OT-CIP-0019"
        sid = 9205019
        rev = 1
        severity = medium
        attack = [ics.T0886, ics.T0814]
        description = "A host that is no controller or station of the plant opens a connection"
        falsepositives = "a device that was added and not listed"
        reference = "https://attack.mitre.org/techniques/T0886/"
    }
    on cip as c
    where not c.response
        and c.operation in { forward_open, large_forward_open }
        and c.src.ip not in originators
    dedup by (c.src.ip, c.dst.ip) for 1h
    emit {
        title = "{c.src.ip} opens a connection to {c.dst.asset.name ?? c.dst.ip}"
        evidence = [
            c.operation, c.connection.vendor, c.connection.originator,
            c.connection.transport, c.connection.ot_size, c.connection.to_size
        ]
    }

    test "a stranger" {
        at 0s cip {
            response: false, service: 84, class: 6, operation: 1620, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "an originator that is known" with { originators: { 10.20.0.5 } } {
        at 0s cip {
            response: false, service: 84, class: 6, operation: 1620, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a connection is closed" {
        at 0s cip {
            response: false, service: 78, class: 6, operation: 1614, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the reply" {
        at 0s cip {
            response: true, service: 84, class: 6, operation: 1620, status: 0,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
