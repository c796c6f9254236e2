# PLC-5, SLC 500 and MicroLogix controllers change their mode by PCCC, which EtherNet/IP
# carries in the service Execute PCCC. A controller in program mode controls nothing.
# DF1 Protocol and Command Set, 1770-6.5.16, chapter 7.
rule pccc_mode_changed {
    meta {
        id = "OT-CIP-0003"
        sid = 9205003
        rev = 1
        severity = critical
        attack = [ics.T0858, ics.T0816, ics.T0813]
        description = "The mode of a controller is changed by PCCC"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0858/"
    }
    on cip as c
    where not c.response
        and c.operation == execute_pccc
        and c.pccc.operation in {
            change_mode, set_cpu_mode, shutdown, restart_request, disable_outputs
        }
    unless maintenance(c.dst.asset)
    dedup by (c.src.ip, c.dst.ip, c.pccc.operation) for 1m
    emit {
        title = "{c.src.ip} sends {c.pccc.operation} to {c.dst.asset.name ?? c.dst.ip}"
        evidence = [c.pccc.operation, c.pccc.mode, c.pccc.flags, c.pccc.serial]
    }

    test "to program mode" {
        at 0s cip {
            response: false, service: 75, class: 103, operation: 26443,
            pccc.operation: 3968, pccc.mode: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "set CPU mode" {
        at 0s cip {
            response: false, service: 75, class: 103, operation: 26443,
            pccc.operation: 3898, pccc.flags: 0, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "to read a value" {
        at 0s cip {
            response: false, service: 75, class: 103, operation: 26443,
            pccc.operation: 4002, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "another class has no such thing" {
        at 0s cip {
            response: false, service: 75, class: 55, operation: 14155, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s cip {
            response: false, service: 75, class: 103, operation: 26443,
            pccc.operation: 3968, pccc.mode: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5,
            dst.asset.maintenance: true
        }
        expect none
    }

    test "the reply" {
        at 0s cip {
            response: true, service: 75, class: 103, operation: 26443,
            pccc.operation: 3968, pccc.mode: 1, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
