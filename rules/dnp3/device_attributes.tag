# Maker, model, firmware and serial number of an outstation: what an attacker needs to look
# up, and what an inventory tool asks for too.
# IEEE Std 1815-2012, Annex A, group 0.
param scanners: set<ip> max 64 = {}

rule device_attributes {
    meta {
        id = "OT-DNP3-0016"
        sid = 9218016
        rev = 1
        severity = low
        attack = [ics.T0888]
        description = "Device attributes of an outstation are read by an unlisted host"
        falsepositives = "an inventory tool that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0888/"
    }
    on dnp3 as d
    where d.request
        and d.function == read
        and any o in d.objects (o.group == device_attributes)
        and d.src.ip not in scanners
    dedup by (d.src.ip, d.dst.ip) for 1h
    emit {
        title = "{d.src.ip} asks {d.dst.asset.name ?? d.dst.ip} what it is"
        evidence = [d.destination, d.objects]
    }

    test "all attributes" {
        at 0s dnp3 {
            request: true, function: 1, objects: [{ group: 0, variation: 254 }],
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the inventory may" with { scanners: { 10.20.0.5 } } {
        at 0s dnp3 {
            request: true, function: 1, objects: [{ group: 0, variation: 254 }],
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a value is read" {
        at 0s dnp3 {
            request: true, function: 1, objects: [{ group: 30, variation: 0 }],
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a name is written" {
        at 0s dnp3 {
            request: true, function: 2, objects: [{ group: 0, variation: 247 }],
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s dnp3 {
            request: false, function: 1, objects: [{ group: 0, variation: 252 }],
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
