# The TCP/IP Interface, Ethernet Link and Port objects hold a device's address, its name
# and its ports. Who changes them takes the device off the network, or moves traffic.
# CIP Networks Library, Volume 2, chapter 5.
rule network_configuration_changed {
    meta {
        id = "OT-CIP-0011"
        sid = 9205011
        rev = 1
        severity = high
        attack = [ics.T0836, ics.T0814]
        description = "The network configuration of a device is changed"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on cip as c
    where not c.response
        and c.class in { tcp_ip_interface, ethernet_link, port, qos }
        and c.op == config_write
    unless maintenance(c.dst.asset)
    dedup by (c.src.ip, c.dst.ip, c.class, c.attribute) for 10m
    emit {
        title = "{c.src.ip} changes {c.class} of {c.dst.asset.name ?? c.dst.ip}"
        evidence = [c.service, c.class, c.instance, c.attribute, c.data]
    }

    test "an address is set" {
        at 0s cip {
            response: false, service: 16, class: 245, instance: 1, attribute: 5,
            op: config_write, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "an address is read" {
        at 0s cip {
            response: false, service: 14, class: 245, instance: 1, attribute: 5,
            op: config_read, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a parameter of a drive" {
        at 0s cip {
            response: false, service: 16, class: 15, instance: 1, attribute: 1,
            op: config_write, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s cip {
            response: false, service: 16, class: 245, instance: 1, attribute: 5,
            op: config_write, src.ip: 10.30.1.9, dst.ip: 10.10.0.5,
            dst.asset.maintenance: true
        }
        expect none
    }

    test "the reply" {
        at 0s cip {
            response: true, service: 16, class: 245, instance: 1, attribute: 5,
            op: config_write, status: 0, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
