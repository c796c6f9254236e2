# The lamps of a device flash when somebody asks which one it is. Who stands before the
# cabinet learns by that which device an address belongs to.
# IEC 61158-6-10, 4.3: SignalValue.
rule signal {
    meta {
        id = "OT-PROFINET-0005"
        sid = 9300005
        rev = 1
        severity = low
        attack = [ics.T0888]
        description = "A station that is no engineering station lets a device flash"
        falsepositives = "maintenance with a tool that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0888/"
    }
    on dcp as d
    where d.request
        and d.service == set
        and d.block == signal
        and d.src.mac not in engineering_stations
    on_unknown = count
    dedup by (d.src.mac, d.dst.mac) for 10m
    emit {
        title = "{d.src.mac} lets {d.dst.mac} flash"
        evidence = [d.signal, d.xid]
    }

    test "a stranger" with { engineering_stations: { 02:00:00:00:20:05 } } {
        at 0s dcp {
            request: true, service: 4, block: 0x0503, signal: 0x100,
            src.mac: 02:00:00:00:30:09, dst.mac: 02:00:00:00:10:05
        }
        expect match
    }

    test "the engineering station" with { engineering_stations: { 02:00:00:00:20:05 } } {
        at 0s dcp {
            request: true, service: 4, block: 0x0503, signal: 0x100,
            src.mac: 02:00:00:00:20:05, dst.mac: 02:00:00:00:10:05
        }
        expect none
    }

    test "a reset is another matter" with {
        engineering_stations: { 02:00:00:00:20:05 }
    } {
        at 0s dcp {
            request: true, service: 4, block: 0x0505, signal: 0x100,
            src.mac: 02:00:00:00:30:09, dst.mac: 02:00:00:00:10:05
        }
        expect none
    }

    test "what a maker means by it" with { engineering_stations: { 02:00:00:00:20:05 } } {
        at 0s dcp {
            request: true, service: 2, block: 0x0503, signal: 0x100,
            src.mac: 02:00:00:00:30:09, dst.mac: 02:00:00:00:10:05
        }
        expect none
    }

    test "the answer" with { engineering_stations: { 02:00:00:00:20:05 } } {
        at 0s dcp {
            request: false, service: 4, block: 0x0503, signal: 0x100,
            src.mac: 02:00:00:00:10:05, dst.mac: 02:00:00:00:30:09
        }
        expect none
    }
}
