# Records hold what a device is set up with: limits, safety parameters, identification.
# A site knows those that nobody changes in operation. Many may be written by one message.
# IEC 61158-5-10, Record Data ASE: Write.
param protected_indexes: set<int> max 256 = {}

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
        and any r in p.records (r.index in protected_indexes)
    dedup by (p.src.ip, p.dst.ip, p.slot, p.index) for 10m
    emit {
        title = "{p.src.ip} writes record {p.index} of {p.dst.asset.name ?? p.dst.ip}"
        evidence = [p.slot, p.subslot, p.index, p.artifact.size, p.artifact.sha256, p.records]
    }

    test "a protected record" with { protected_indexes: { 0x0100 } } {
        at 0s pnio { request: true, operation: 3, slot: 1, subslot: 1, index: 0x0100, records: [{ index: 0x0100, slot: 1, length: 4 }], src.ip: 192.168.10.99, dst.ip: 192.168.10.5 }
        expect match
    }

    test "one of many" with { protected_indexes: { 0x0100 } } {
        at 0s pnio { request: true, operation: 3, slot: 1, subslot: 1, index: 0xe040, records: [{ index: 0xe040 }, { index: 1 }, { index: 0x0100 }], src.ip: 192.168.10.99, dst.ip: 192.168.10.5 }
        expect match
    }

    test "another record" with { protected_indexes: { 0x0100 } } {
        at 0s pnio { request: true, operation: 3, slot: 1, subslot: 1, index: 1, records: [{ index: 1, slot: 1, length: 4 }], src.ip: 192.168.10.99, dst.ip: 192.168.10.5 }
        expect none
    }

    test "to read is no change" with { protected_indexes: { 0x0100 } } {
        at 0s pnio { request: true, operation: 2, slot: 1, subslot: 1, index: 0x0100, records: [{ index: 0x0100 }], src.ip: 192.168.10.99, dst.ip: 192.168.10.5 }
        expect none
    }

    test "the answer" with { protected_indexes: { 0x0100 } } {
        at 0s pnio { request: false, operation: 3, slot: 1, subslot: 1, index: 0x0100, records: [{ index: 0x0100 }], src.ip: 192.168.10.5, dst.ip: 192.168.10.99 }
        expect none
    }
}
