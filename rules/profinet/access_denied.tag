# A device denies access to a record to who has no right to it, or while it runs.
# IEC 61158-6-10, 5.2: PNIOStatus.
rule access_denied {
    meta {
        id = "OT-PROFINET-0017"
        sid = 9300017
        rev = 1
        severity = medium
        attack = [ics.T0836, ics.T0888]
        description = "A device denies access to a record"
        falsepositives = "an engineering tool that tries what a device has"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on pnio as p
    where p.error.reason in { invalid_area, state_conflict, access_denied }
    on_unknown = count
    dedup by (p.src.ip, p.dst.ip, p.index) for 10m
    emit {
        title = "{p.src.asset.name ?? p.src.ip} denies {p.dst.ip} record {p.index}"
        evidence = [p.operation, p.slot, p.subslot, p.index, p.status, p.error.reason]
    }

    test "denied" {
        at 0s pnio {
            request: false, operation: 3, index: 0x0100, error.reason: 0xb6,
            src.ip: 192.168.10.5, dst.ip: 192.168.10.99
        }
        expect match
    }

    test "no such record" {
        at 0s pnio {
            request: false, operation: 3, index: 0x0100, error.reason: 0xb0,
            src.ip: 192.168.10.5, dst.ip: 192.168.10.99
        }
        expect none
    }
}
