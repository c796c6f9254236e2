# Functions 20 and 21 read and write files of a device: recipes, logs, on some makes the
# program itself. Few plants use them at all.
# MODBUS Application Protocol Specification V1.1b3, sections 6.14 and 6.15.
param file_clients: set<ip> max 64 = {}

rule file_record {
    meta {
        id = "OT-MODBUS-0008"
        sid = 9200008
        rev = 1
        severity = medium
        attack = [ics.T0811, ics.T0889]
        description = "File records of a device are read or written by an unlisted host"
        falsepositives = "recipe management that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0811/"
    }
    on modbus as m
    where m.request
        and m.function in { read_file_record, write_file_record }
        and m.src.ip not in file_clients
    dedup by (m.src.ip, m.dst.ip, m.function) for 1h
    emit {
        title = "{m.src.ip}: {m.function} on {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.unit, m.function, m.files]
    }

    test "a file is written" {
        at 0s modbus {
            request: true, function: 21, unit: 1,
            files: [{ reference: 6, file: 4, record: 7, length: 3 }], src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a file is read" {
        at 0s modbus {
            request: true, function: 20, unit: 1,
            files: [{ reference: 6, file: 4, record: 1, length: 2 }], src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the recipe server may" with { file_clients: { 10.20.0.8 } } {
        at 0s modbus {
            request: true, function: 21, unit: 1,
            files: [{ reference: 6, file: 4, record: 7, length: 3 }], src.ip: 10.20.0.8,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a queue is no file" {
        at 0s modbus {
            request: true, function: 24, unit: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s modbus {
            request: false, function: 20, unit: 1, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
