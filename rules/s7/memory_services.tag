# Memory reset of the programmer group clears the program; _GARB moves blocks about in
# memory; _MODU makes a loaded program outlast loss of power.
rule memory_services {
    meta {
        id = "OT-S7-0007"
        sid = 9230007
        rev = 1
        severity = high
        attack = [ics.T0809, ics.T0816, ics.T0889]
        description = "The memory of a controller is reset, compressed or made permanent"
        falsepositives = "planned work that no maintenance window states"
        reference = "https://attack.mitre.org/techniques/T0809/"
    }
    on s7 as m
    where (
            m.rosctr == userdata and m.request and m.service == memory_reset
        or m.rosctr == job
            and m.function == plc_control
            and m.pi_service in { "_GARB", "_MODU" }
    )
    unless maintenance(m.dst.asset)
    dedup by (m.src.ip, m.dst.ip, m.pi_service) for 10m
    emit {
        title = "{m.src.ip} works on the memory of {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.service, m.pi_service, m.pi_argument]
    }

    test "memory reset" {
        at 0s s7 {
            rosctr: userdata, request: true, userdata_group: programmer,
            service: memory_reset, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "compress" {
        at 0s s7 {
            rosctr: job, request: true, function: plc_control, pi_service: "_GARB",
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "RAM to ROM" {
        at 0s s7 {
            rosctr: job, request: true, function: plc_control, pi_service: "_MODU",
            pi_argument: "EP", src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "a connection is set up" {
        at 0s s7 {
            rosctr: job, request: true, function: setup_communication, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a block is linked" {
        at 0s s7 {
            rosctr: job, request: true, function: plc_control, pi_service: "_INSE",
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a clock is read" {
        at 0s s7 {
            rosctr: userdata, request: true, service: read_clock, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a reset is answered" {
        at 0s s7 {
            rosctr: userdata, request: false, service: memory_reset, src.ip: 10.10.0.5,
            dst.ip: 10.30.1.9
        }
        expect none
    }

    test "the answer" {
        at 0s s7 {
            rosctr: ack_data, request: false, function: plc_control, pi_service: "_GARB",
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s s7 {
            rosctr: job, request: true, function: plc_control, pi_service: "_GARB",
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5, dst.asset.maintenance: true
        }
        expect none
    }
}
