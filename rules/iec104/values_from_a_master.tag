# Monitored values come from a station. A host that sends them to one is a forger, or a
# gateway that works in the reverse direction, which the site will know.
# IEC 60870-5-104:2006, section 4; IEC 60870-5-101:2003, section 7.2.1.
param reverse_gateways: set<ip> max 64 = {}

rule values_from_a_master {
    meta {
        id = "OT-IEC104-0017"
        sid = 9220017
        rev = 1
        severity = high
        attack = [ics.T0856]
        description = "A master sends monitored values"
        falsepositives = "a gateway in the reverse direction that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0856/"
    }
    on iec104 as m
    where m.apci == i
        and m.category == process_monitor
        and m.control_direction
        and m.src.ip not in reverse_gateways
    dedup by (m.src.ip, m.dst.ip) for 1h
    emit {
        title = "{m.src.ip} sends {m.type} to {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.type, m.cause, m.common_address, m.ioa, m.objects]
    }

    test "a value" with { reverse_gateways: { 10.20.0.8 } } {
        at 0s iec104 {
            apci: i, type: m_me_nc_1, category: process_monitor, control_direction: true,
            cause: spontaneous, common_address: 1, ioa: 10, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a gateway" with { reverse_gateways: { 10.20.0.8 } } {
        at 0s iec104 {
            apci: i, type: m_me_nc_1, category: process_monitor, control_direction: true,
            cause: spontaneous, src.ip: 10.20.0.8, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a station's value" with { reverse_gateways: { 10.20.0.8 } } {
        at 0s iec104 {
            apci: i, type: m_me_nc_1, category: process_monitor, control_direction: false,
            cause: spontaneous, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a command" with { reverse_gateways: { 10.20.0.8 } } {
        at 0s iec104 {
            apci: i, type: c_sc_na_1, category: process_command, control_direction: true,
            cause: activation, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a frame without an ASDU" with { reverse_gateways: { 10.20.0.8 } } {
        at 0s iec104 {
            apci: u, u_function: testfr_act, control_direction: true, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }
}
