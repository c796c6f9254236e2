# Who asks a controller for its make and version is making an inventory: the
# asset scanner that the site knows, or somebody that it does not.
# MODBUS Application Protocol Specification V1.1b3, sections 6.13 and 6.21.
param scanners: set<ip> max 256 = {}

rule device_identification {
    meta {
        id = "OT-MODBUS-0003"
        sid = 9200003
        rev = 1
        severity = medium
        attack = [ics.T0888, ics.T0846]
        description = "A host that is no known scanner reads the identity of a device"
        falsepositives = "engineering tools that identify a device before they connect"
        reference = "https://attack.mitre.org/techniques/T0888/"
    }
    on modbus as m
    where m.request
        and (
            m.function == report_server_id
            or m.function == encapsulated_interface_transport
                and m.mei == read_device_identification
        )
        and m.src.ip not in scanners
    dedup by (m.src.ip, m.dst.ip) for 1h
    emit {
        title = "{m.src.ip} asks {m.dst.asset.name ?? m.dst.ip} what it is"
        evidence = [m.function, m.unit]
    }

    test "device identification" with { scanners: { 10.20.0.7 } } {
        at 0s modbus {
            request: true, function: 43, mei: 14, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "report server id" with { scanners: { 10.20.0.7 } } {
        at 0s modbus {
            request: true, function: 17, unit: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the known scanner" with { scanners: { 10.20.0.7 } } {
        at 0s modbus {
            request: true, function: 17, unit: 1, src.ip: 10.20.0.7, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "CANopen over the same function" {
        at 0s modbus {
            request: true, function: 43, mei: 13, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the same number of the interface under another function" {
        at 0s modbus {
            request: true, function: 3, mei: 14, unit: 1, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s modbus {
            request: false, function: 17, unit: 1, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
