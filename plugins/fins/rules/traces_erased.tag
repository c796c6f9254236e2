# The log of write accesses is where a controller keeps who has changed it by FINS.
rule traces_erased {
    meta {
        id = "OT-FINS-0010"
        sid = 9260010
        rev = 1
        severity = critical
        attack = [ics.T0872]
        description = "A log of a controller is erased"
        falsepositives = "maintenance that no window states"
        reference = "https://attack.mitre.org/techniques/T0872/"
    }
    on fins as m
    where m.request and m.command in { write_access_log_clear, error_log_pointer_clear }
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} erases a log of {m.dst.asset.name ?? m.dst.ip} ({m.command})"
        evidence = [m.command, m.sa1]
    }

    test "write accesses" {
        at 0s fins {
            request: true, command: write_access_log_clear, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect match
    }

    test "errors" {
        at 0s fins {
            request: true, command: error_log_pointer_clear, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect match
    }

    test "it is read" {
        at 0s fins {
            request: true, command: write_access_log_read, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s fins {
            request: true, command: write_access_log_clear, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7, dst.asset.maintenance: true
        }
        expect none
    }

    test "the response" {
        at 0s fins {
            request: false, command: write_access_log_clear, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }
}
