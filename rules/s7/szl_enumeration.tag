# System status lists say what a controller is, which modules it has and how it is
# protected. Scanners read 0011 and 001C; engineering tools read many.
param scanners: set<ip> max 256 = {}

rule szl_enumeration {
    meta {
        id = "OT-S7-0008"
        sid = 9230008
        rev = 1
        severity = medium
        attack = [ics.T0888, ics.T0846]
        description = "A host that is no known scanner reads the identity or protection of a controller"
        falsepositives = "engineering tools when they go online"
        reference = "https://attack.mitre.org/techniques/T0888/"
    }
    on s7 as m
    where m.rosctr == userdata
        and m.request
        and m.service == read_szl
        and m.szl_id in { 0x0011, 0x001c, 0x0111, 0x011c, 0x0232, 0x0132 }
        and m.src.ip not in scanners
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} asks {m.dst.asset.name ?? m.dst.ip} what it is"
        evidence = [m.szl_id, m.szl_index]
    }

    test "module identification" {
        at 0s s7 {
            rosctr: userdata, request: true, service: read_szl, szl_id: 0x11,
            szl_index: 0, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the known scanner" with { scanners: { 10.20.0.5 } } {
        at 0s s7 {
            rosctr: userdata, request: true, service: read_szl, szl_id: 0x11,
            szl_index: 0, src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the state of the LEDs" {
        at 0s s7 {
            rosctr: userdata, request: true, service: read_szl, szl_id: 0x74,
            szl_index: 0, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
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
            rosctr: userdata, request: true, service: message_service, szl_id: 0x11,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s s7 {
            rosctr: userdata, request: false, service: read_szl, szl_id: 0x11,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
