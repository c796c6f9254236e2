# Who writes values into a controller is known at every site: operator stations, and the
# engineering station. A write from any other host means that somebody found the
# controller.
# Hosts that may write; with nothing bound, every write is from outside.
param engineering: set<ip> max 1024 = {}

rule write_from_outside_engineering {
    meta {
        id = "OT-CIP-0010"
        sid = 9205010
        rev = 1
        severity = high
        attack = [ics.T0855, ics.T1692.001, ics.T0836]
        description = "A host that is no engineering or operator station writes to a controller"
        falsepositives = "commissioning from a laptop that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on cip as c
    where not c.response
        and c.op is present
        and c.op == write
        and c.src.ip not in engineering
    unless maintenance(c.dst.asset)
    dedup by (c.src.ip, c.dst.ip) for 10m
    emit {
        title = "{c.src.ip} writes to {c.dst.asset.name ?? c.dst.ip}"
        evidence = [c.operation, c.symbol, c.class, c.instance, c.attribute, c.values]
    }

    test "a write from the office network" with { engineering: { 10.20.0.5 } } {
        at 0s cip {
            response: false, service: 77, op: write, symbol: "Pump_Run",
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the engineering station may write" with { engineering: { 10.20.0.5 } } {
        at 0s cip {
            response: false, service: 77, op: write, symbol: "Pump_Run",
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "what only carries others" {
        at 0s cip {
            response: false, service: 10, class: 2, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a read is no write" {
        at 0s cip {
            response: false, service: 76, op: read, symbol: "Pump_Run", src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s cip {
            response: false, service: 77, op: write, symbol: "Pump_Run",
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5, dst.asset.maintenance: true
        }
        expect none
    }

    test "the reply" {
        at 0s cip {
            response: true, service: 77, op: write, symbol: "Pump_Run", status: 0,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
