# A module of a controller sends messages on to another network, and to devices behind
# it that have no address of their own here: a way around a firewall. Engineering
# software uses it, other hosts hardly do. Port 1 is the backplane of the same
# controller and is left out. CIP Networks Library, Volume 1, sections 3-5.5 and
# C-1.4.1.
param routing_stations: set<ip> max 256 = {}

rule sent_on_to_other_network {
    meta {
        id = "OT-CIP-0015"
        sid = 9205015
        rev = 1
        severity = high
        attack = [ics.T0886, ics.T0855, ics.T1692.001]
        description = "A host that is no engineering station changes a device behind another"
        falsepositives = "an operator station that reaches its controller over a bridge"
        reference = "https://attack.mitre.org/techniques/T0886/"
    }
    on cip as c
    where not c.response
        and c.route is present
        and c.op is present
        and c.op in {
            write, config_write, start, stop, mode_change, reset_warm, factory_reset,
            program_download, program_upload, online_edit, block_delete, memory_clear,
            file_write, force, unforce, time_set, password_set
        }
        and any r in c.route (r.port != 1)
        and c.src.ip not in routing_stations
    dedup by (c.src.ip, c.dst.ip) for 1h
    emit {
        title = "{c.src.ip} acts behind {c.dst.asset.name ?? c.dst.ip}: {c.op}"
        evidence = [c.op, c.operation, c.class, c.instance, c.route]
    }

    test "a stop behind another module" {
        at 0s cip {
            response: false, embedded: true, service: 7, class: 142, op: stop,
            route: [{ port: 1, link: 3 }, { port: 2, address: "10.9.9.7" }],
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a value is read over a bridge" {
        at 0s cip {
            response: false, embedded: true, service: 76, op: read,
            route: [{ port: 2, address: "10.9.9.7" }], src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a message that is not sent on" {
        at 0s cip {
            response: false, embedded: false, service: 7, class: 142, op: stop,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "what carries it is the same message" {
        at 0s cip {
            response: false, embedded: false, service: 82, class: 6,
            route: [{ port: 2, address: "10.9.9.7" }], src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "another slot of the same chassis" {
        at 0s cip {
            response: false, embedded: true, service: 7, class: 142, op: stop,
            route: [{ port: 1, link: 3 }], src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the engineering station" with { routing_stations: { 10.20.0.5 } } {
        at 0s cip {
            response: false, embedded: true, service: 7, class: 142, op: stop,
            route: [{ port: 2, address: "10.9.9.7" }], src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the reply" {
        at 0s cip {
            response: true, service: 7, class: 142, op: stop,
            route: [{ port: 2, address: "10.9.9.7" }], src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }
}
