# S7comm-plus sessions with programming rights call the name SIMATIC-ROOT-ES; operator
# panels call another. With nothing bound, every such session is from outside.
param programmers: set<ip> max 1024 = {}

rule s7plus_session_from_outside_engineering {
    meta {
        id = "OT-S7-0016"
        sid = 9230016
        rev = 1
        severity = high
        attack = [ics.T0869, ics.T0843]
        description = "A host that is no engineering station opens a programming session"
        falsepositives = "commissioning from a laptop that the site has not listed"
        reference = "https://attack.mitre.org/techniques/T0869/"
    }
    on s7plus as m
    where m.request
        and m.op == session_open
        and m.called_tsap == "SIMATIC-ROOT-ES"
        and m.src.ip not in programmers
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.ip} opens a programming session with {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.function, m.called_tsap, m.version]
    }

    test "a session" {
        at 0s s7plus {
            request: true, op: session_open, called_tsap: "SIMATIC-ROOT-ES",
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the engineering station" with { programmers: { 10.20.0.5 } } {
        at 0s s7plus {
            request: true, op: session_open, called_tsap: "SIMATIC-ROOT-ES",
            src.ip: 10.20.0.5, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a panel" {
        at 0s s7plus {
            request: true, op: session_open, called_tsap: "SIMATIC-ROOT-HMI",
            src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "a read within one" {
        at 0s s7plus {
            request: true, op: read, called_tsap: "SIMATIC-ROOT-ES", src.ip: 10.30.1.9,
            dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s s7plus {
            request: false, op: session_open, called_tsap: "SIMATIC-ROOT-ES",
            src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
