# Parameters of a running device are changed between the commands that begin and end
# it. Who begins without being its controller changes what the device does.
# IEC 61158-6-10, 5.2: ControlCommand.
rule parameterization_from_stranger {
    meta {
        id = "OT-PROFINET-0015"
        sid = 9300015
        rev = 1
        severity = high
        attack = [ics.T0836, ics.T1692.001]
        description = "A host that is no IO controller begins to parameterize a device"
        falsepositives = "an engineering station that was not listed"
        reference = "https://attack.mitre.org/techniques/T0836/"
    }
    on pnio as p
    where p.request
        and p.operation == control
        and p.command in { prm_begin, prm_end }
        and p.src.ip not in controllers
    on_unknown = count
    dedup by (p.src.ip, p.dst.ip) for 10m
    emit {
        title = "{p.src.ip} parameterizes {p.dst.asset.name ?? p.dst.ip}: {p.command}"
        evidence = [p.command, p.ar.uuid, p.session_key]
    }

    test "a stranger begins" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: true, operation: 4, command: 64, session_key: 66,
            src.ip: 192.168.10.99, dst.ip: 192.168.10.5
        }
        expect match
    }

    test "the controller" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: true, operation: 4, command: 64, session_key: 7,
            src.ip: 192.168.10.20, dst.ip: 192.168.10.5
        }
        expect none
    }

    test "another command" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: true, operation: 4, command: 2, session_key: 66,
            src.ip: 192.168.10.99, dst.ip: 192.168.10.5
        }
        expect none
    }

    test "the same command with a release" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: true, operation: 1, command: 64, session_key: 66,
            src.ip: 192.168.10.99, dst.ip: 192.168.10.5
        }
        expect none
    }

    test "the answer" with { controllers: { 192.168.10.20 } } {
        at 0s pnio {
            request: false, operation: 4, command: 64, session_key: 66,
            src.ip: 192.168.10.5, dst.ip: 192.168.10.99
        }
        expect none
    }
}
