# An outstation sets this indication when it has restarted, until a master clears it. Nobody
# has to have asked: a crash shows here too.
# IEEE Std 1815-2012, 4.5, IIN1.7.
rule restarted {
    meta {
        id = "OT-DNP3-0018"
        sid = 9218018
        rev = 1
        severity = low
        attack = [ics.T0816]
        description = "An outstation has restarted"
        falsepositives = "power was lost, a device was serviced"
        reference = "https://attack.mitre.org/techniques/T0816/"
    }
    on dnp3 as d
    where d.iin is present
        and d.function in { response, unsolicited_response, authenticate_resp }
        and d.indication.device_restart
    unless maintenance(d.src.asset)
    dedup by (d.src.ip, d.source) for 1h
    emit {
        title = "{d.src.asset.name ?? d.src.ip} has restarted"
        evidence = [d.source, d.iin, d.app.uns]
    }

    test "the indication" {
        at 0s dnp3 {
            request: false, function: 129, source: 10, iin: 0x8020,
            indication.device_restart: true, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect match
    }

    test "in a maintenance window" {
        at 0s dnp3 {
            request: false, function: 129, source: 10, iin: 0x8020,
            indication.device_restart: true, src.asset.maintenance: true,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "unsolicited" {
        at 0s dnp3 {
            request: false, function: 130, source: 10, iin: 0x8020,
            indication.device_restart: true, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect match
    }

    test "when challenged" {
        at 0s dnp3 {
            request: false, function: 131, source: 10, iin: 0x8020,
            indication.device_restart: true, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect match
    }

    test "no response" {
        at 0s dnp3 {
            request: true, function: 2, source: 10, iin: 0x8020,
            indication.device_restart: true, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "a link frame" {
        at 0s dnp3 { request: false, source: 10, src.ip: 10.10.0.5, dst.ip: 10.30.1.9 }
        expect none
    }

    test "another" {
        at 0s dnp3 {
            request: false, function: 129, source: 10, iin: 0x8020,
            indication.device_restart: false, indication.need_time: true,
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
