# Implicit data sets outputs directly, cycle by cycle, and nothing in it says who sent
# it. It comes from the controllers and devices that the site knows; from any other host
# it is an attempt to take a connection over. CIP Networks Library, Volume 2, section
# 3-2.
param io_devices: set<ip> max 1024 = {}

rule implicit_data_from_stranger {
    meta {
        id = "OT-CIP-0018"
        sid = 9205018
        rev = 1
        severity = critical
        attack = [ics.T0855, ics.T1692.001, ics.T0831]
        description = "A host that is no device of the plant sends implicit input or output"
        falsepositives = "a device that was added and not listed"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on enip as e
    where e.command is missing and e.io.size > 0 and e.src.ip not in io_devices
    dedup by (e.src.ip, e.dst.ip) for 10m
    emit {
        title = "{e.src.ip} sends implicit data to {e.dst.asset.name ?? e.dst.ip}"
        evidence = [e.connection_id, e.io.sequence, e.io.size, e.io.data]
    }

    test "a stranger" {
        at 0s enip {
            connection_id: 287454020, io.sequence: 0, io.size: 6, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a device of the plant" with { io_devices: { 10.20.0.5 } } {
        at 0s enip {
            connection_id: 287454020, io.sequence: 0, io.size: 6, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "an explicit message" {
        at 0s enip {
            command: 112, connection_id: 287454020, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a connection that is kept up without data" {
        at 0s enip {
            connection_id: 287454020, io.sequence: 0, io.size: 0, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }
}
