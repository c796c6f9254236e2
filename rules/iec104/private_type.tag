# Types from 128 on are the maker's own: programming, configuration and diagnosis, mostly
# without protection. IEC 60870-5-101:2003, section 7.2.1.
param maker_hosts: set<ip> max 64 = {}

rule private_type {
    meta {
        id = "OT-IEC104-0015"
        sid = 9220015
        rev = 1
        severity = medium
        attack = [ics.T0855, ics.T1692.001]
        description = "A type of a maker's own is used by an unlisted host"
        falsepositives = "a maker's tool on a host that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on iec104 as m
    where m.apci == i
        and m.category == private
        and m.control_direction
        and m.src.ip not in maker_hosts
    dedup by (m.src.ip, m.dst.ip, m.type) for 1h
    emit {
        title = "{m.src.ip} sends type {m.type} to {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.type, m.cause, m.common_address, m.data]
    }

    test "a private type" with { maker_hosts: { 10.20.0.6 } } {
        at 0s iec104 {
            apci: i, type: 200, category: private, control_direction: true,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the maker's tool" with { maker_hosts: { 10.20.0.6 } } {
        at 0s iec104 {
            apci: i, type: 200, category: private, control_direction: true,
            src.ip: 10.20.0.6, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the station reports" with { maker_hosts: { 10.20.0.6 } } {
        at 0s iec104 {
            apci: i, type: 200, category: private, control_direction: false,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a type of the standard" with { maker_hosts: { 10.20.0.6 } } {
        at 0s iec104 {
            apci: i, type: c_sc_na_1, category: process_command, control_direction: true,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a frame without an ASDU" with { maker_hosts: { 10.20.0.6 } } {
        at 0s iec104 {
            apci: u, u_function: testfr_act, control_direction: true, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }
}
