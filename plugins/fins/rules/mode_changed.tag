# RUN starts the program, in monitor mode if nothing else is said. In monitor mode its
# values can be changed from the network, which run mode does not allow.
param fins_engineering: set<ip> max 64 = {}

rule mode_changed {
    meta {
        id = "OT-FINS-0002"
        sid = 9260002
        rev = 1
        severity = high
        attack = [ics.T0858]
        description = "A controller is started, or put into another mode, from an unusual place"
        falsepositives = "an engineering station that is not listed"
        reference = "https://attack.mitre.org/techniques/T0858/"
    }
    on fins as m
    where m.request and m.command == run and m.src.ip not in fins_engineering
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} starts {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.mode, m.program, m.sa1]
    }

    test "into run mode" with { fins_engineering: { 10.20.0.5 } } {
        at 0s fins {
            request: true, command: run, mode: run, program: 0xffff, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect match
    }

    test "stop is told by another rule" with { fins_engineering: { 10.20.0.5 } } {
        at 0s fins { request: true, command: stop, src.ip: 10.30.1.9, dst.ip: 10.10.0.7 }
        expect none
    }

    test "the response" with { fins_engineering: { 10.20.0.5 } } {
        at 0s fins {
            request: false, command: run, end_code: normal_completion, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }

    test "an engineering station" with { fins_engineering: { 10.20.0.5 } } {
        at 0s fins {
            request: true, command: run, mode: run, src.ip: 10.20.0.5, dst.ip: 10.10.0.7
        }
        expect none
    }
}
