# Services of the control system run until a maintenance window.
rule control_service_stopped {
    meta {
        id = "OT-LINUX-0010"
        sid = 9310010
        rev = 1
        severity = high
        attack = [ics.T0881, enterprise.T1489]
        description = "A service of the control system is stopped"
        falsepositives = "restarts by hand"
    }
    on service as e
    where e.op == stop and e.name in control_services
    unless maintenance(e.host.asset)
    dedup by (e.host.name, e.name) for 1h
    emit {
        title = "{e.name} stopped on {e.host.name}"
        evidence = [e.name, e.user, e.success]
    }

    test "as it is seen" with { control_services: { "modbusd" } } {
        at 0s service { host.name: "gw-1", op: stop, name: "modbusd" }
        expect match
    }

    test "it starts" with { control_services: { "modbusd" } } {
        at 0s service { host.name: "gw-1", op: start, name: "modbusd" }
        expect none
    }

    test "another service" with { control_services: { "modbusd" } } {
        at 0s service { host.name: "gw-1", op: stop, name: "cron" }
        expect none
    }

    test "in a maintenance window" with { control_services: { "modbusd" } } {
        at 0s service {
            host.name: "gw-1", op: stop, name: "modbusd", host.asset.maintenance: true
        }
        expect none
    }
}
