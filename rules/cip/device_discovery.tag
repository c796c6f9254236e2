# Who asks a network of EtherNet/IP which devices there are is making an inventory: the
# asset scanner that the site knows, or somebody that it does not. Engineering tools do
# the same when they browse. CIP Networks Library, Volume 2, section 2-4.
param scanners: set<ip> max 256 = {}

rule device_discovery {
    meta {
        id = "OT-CIP-0001"
        sid = 9205001
        rev = 1
        severity = medium
        attack = [ics.T0846, ics.T0888]
        description = "A host that is no known scanner asks who is there"
        falsepositives = "an engineering tool that browses the network"
        reference = "https://attack.mitre.org/techniques/T0846/"
    }
    on enip as e
    where e.request
        and e.command in { list_identity, list_services, list_interfaces }
        and e.src.ip not in scanners
    dedup by (e.src.ip) for 1h
    emit {
        title = "{e.src.ip} looks for EtherNet/IP devices with {e.command}"
        evidence = [e.command, e.dst.ip]
    }

    test "list identity" {
        at 0s enip {
            request: true, command: 99, session: 0, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect match
    }

    test "the known scanner" with { scanners: { 10.20.0.7 } } {
        at 0s enip {
            request: true, command: 99, session: 0, src.ip: 10.20.0.7, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "to open a session" {
        at 0s enip {
            request: true, command: 101, session: 0, src.ip: 10.30.1.9, dst.ip: 10.10.0.5
        }
        expect none
    }

    test "the answer" {
        at 0s enip {
            request: false, command: 99, session: 0, src.ip: 10.10.0.5, dst.ip: 10.30.1.9
        }
        expect none
    }
}
