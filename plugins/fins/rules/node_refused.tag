# An Ethernet unit gives node addresses to those that its settings let in, and says why it does
# not.
rule node_refused {
    meta {
        id = "OT-FINS-0014"
        sid = 9260014
        rev = 1
        severity = medium
        attack = [ics.T0886]
        description = "A controller refused a FINS/TCP connection"
        falsepositives = "a station that is new and not let in yet"
        reference = "https://attack.mitre.org/techniques/T0886/"
    }
    on fins as m
    where m.tcp.command == server_address and m.tcp.error != none
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "{m.src.asset.name ?? m.src.ip} refuses {m.dst.ip}: {m.tcp.error}"
        evidence = [m.tcp.error, m.tcp.client_node, m.tcp.server_node]
    }

    test "a protected node" {
        at 0s fins {
            request: false, tcp.command: server_address, tcp.error: protected_node,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect match
    }

    test "it is let in" {
        at 0s fins {
            request: false, tcp.command: server_address, tcp.error: none,
            src.ip: 10.30.1.9, dst.ip: 10.10.0.7
        }
        expect none
    }

    test "an error of a frame" {
        at 0s fins {
            tcp.command: frame, tcp.error: protected_node, src.ip: 10.30.1.9,
            dst.ip: 10.10.0.7
        }
        expect none
    }
}
