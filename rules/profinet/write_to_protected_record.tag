# Records hold what a device is set up with: limits, safety parameters, identification.
# A site knows the indexes that nobody writes in operation, and the slots that nobody
# writes to, as those of a safety module. Many records may be written by one message,
# whose own index is 0xe040: then the slots tell.
# IEC 61158-5-10, Record Data ASE: Write.
param protected_indexes: set<int> max 256 = {}
param protected_slots: set<int> max 256 = {}

rule write_to_protected_record {
    meta {
        id = "OT-PROFINET-0014"
        sid = 9300014
        rev = 1
        severity = critical
        attack = [ics.T0836, ics.T0831]
        description = "A record that the site protects is written"
        falsepositives = "parameters that are changed on purpose, or loaded when a device starts"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on pnio as p
    where p.request
        and p.operation == write
        and (
            p.target.id in protected_indexes
            or any r in p.records (r.slot in protected_slots)
        )
    on_unknown = count
    dedup by (p.src.ip, p.dst.ip, p.slot, p.index) for 10m
    emit {
        title = "{p.src.ip} writes record {p.index} of {p.dst.asset.name ?? p.dst.ip}"
        evidence = [
            p.slot, p.subslot, p.index, p.artifact.size, p.artifact.sha256, p.records
        ]
    }

    test "a protected record" with { protected_indexes: { 0x0100 } } {
        at 0s pnio {
            request: true, operation: 3, slot: 1, subslot: 1, index: 0x0100,
            target.id: 0x0100, records: [{ index: 0x0100, slot: 1, length: 4 }],
            src.ip: 192.168.10.99, dst.ip: 192.168.10.5
        }
        expect match
    }

    test "one of many" with { protected_slots: { 3 } } {
        at 0s pnio {
            request: true, operation: 3, slot: 1, subslot: 1, index: 0xe040,
            target.id: 0xe040,
            records: [
                { index: 0xe040, slot: 0 }, { index: 1, slot: 1 }, { index: 2, slot: 3 }
            ], src.ip: 192.168.10.99, dst.ip: 192.168.10.5
        }
        expect match
    }

    test "another record" with { protected_indexes: { 0x0100 }, protected_slots: { 3 } } {
        at 0s pnio {
            request: true, operation: 3, slot: 1, subslot: 1, index: 1, target.id: 1,
            records: [{ index: 1, slot: 1, length: 4 }], src.ip: 192.168.10.99,
            dst.ip: 192.168.10.5
        }
        expect none
    }

    test "to read is no change" with { protected_indexes: { 0x0100 } } {
        at 0s pnio {
            request: true, operation: 2, slot: 1, subslot: 1, index: 0x0100,
            target.id: 0x0100, records: [{ index: 0x0100, slot: 1 }],
            src.ip: 192.168.10.99, dst.ip: 192.168.10.5
        }
        expect none
    }

    test "the answer" with { protected_indexes: { 0x0100 } } {
        at 0s pnio {
            request: false, operation: 3, slot: 1, subslot: 1, index: 0x0100,
            target.id: 0x0100, records: [{ index: 0x0100, slot: 1 }],
            src.ip: 192.168.10.5, dst.ip: 192.168.10.99
        }
        expect none
    }
}
