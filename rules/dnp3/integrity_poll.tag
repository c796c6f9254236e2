# A read of class 0 gives every point that an outstation has: for a master the first thing
# it does, for anybody else the map of the station.
# IEEE Std 1815-2012, 4.4; Annex A, group 60.
param pollers: set<ip> max 256 = {}

rule integrity_poll {
    meta {
        id = "OT-DNP3-0015"
        sid = 9218015
        rev = 1
        severity = medium
        attack = [ics.T0861, ics.T0802]
        description = "A host that is no master reads all points of an outstation"
        falsepositives = "a new master that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0861/"
    }
    on dnp3 as d
    where d.request and d.function == read and d.class_0 and d.src.ip not in pollers
    dedup by (d.src.ip, d.dst.ip, d.destination) for 1h
    emit {
        title = "{d.src.ip} reads all points of {d.dst.asset.name ?? d.dst.ip}"
        evidence = [d.source, d.destination, d.objects]
    }

    test "a stranger" {
        at 0s dnp3 {
            request: true, function: 1, class_0: true, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the master" with { pollers: { 10.20.0.5 } } {
        at 0s dnp3 {
            request: true, function: 1, class_0: true, src.ip: 10.20.0.5,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "events only" {
        at 0s dnp3 {
            request: true, function: 1, class_0: false, class_1: true, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "points are assigned to class 0" {
        at 0s dnp3 {
            request: true, function: 22, class_0: true, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s dnp3 {
            request: false, function: 1, class_0: true, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }
}
