# Sticks carried the first worms into plants, and still do.
rule removable_disk_on_ot_host {
    meta {
        id = "OT-WINDOWS-0011"
        sid = 9300011
        rev = 1
        severity = medium
        attack = [ics.T0847, ics.T0864, enterprise.T1091]
        description = "A removable disk is plugged into a computer of the plant"
        falsepositives = "media that were checked at a kiosk"
    }
    on device as e
    where e.op == connect
        and e.id startswith any { "USBSTOR\\", "WPDBUSENUM\\", "SWD\\WPDBUSENUM\\" }
        and e.host.asset.role in { hmi, scada, historian, engineering }
    unless maintenance(e.host.asset)
    dedup by (e.host.name, e.id) for 1h
    emit {
        title = "removable disk {e.id} on {e.host.asset.name ?? e.host.name}"
        evidence = [e.id, e.name, e.serial]
    }

    test "as it is seen" {
        at 0s device {
            host.name: "HMI-1", op: connect,
            id: "USBSTOR\\Disk&Ven_Acme&Prod_Stick&Rev_1.0\\0123&0",
            host.asset.role: engineering
        }
        expect match
    }

    test "removed" {
        at 0s device {
            host.name: "HMI-1", op: remove,
            id: "USBSTOR\\Disk&Ven_Acme&Prod_Stick&Rev_1.0\\0123&0",
            host.asset.role: engineering
        }
        expect none
    }

    test "a keyboard" {
        at 0s device {
            host.name: "HMI-1", op: connect, id: "HID\\VID_046D&PID_C31C\\7&0",
            host.asset.role: engineering
        }
        expect none
    }

    test "in the office" {
        at 0s device {
            host.name: "HMI-1", op: connect,
            id: "USBSTOR\\Disk&Ven_Acme&Prod_Stick&Rev_1.0\\0123&0",
            host.asset.role: workstation
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s device {
            host.name: "HMI-1", op: connect,
            id: "USBSTOR\\Disk&Ven_Acme&Prod_Stick&Rev_1.0\\0123&0",
            host.asset.role: engineering, host.asset.maintenance: true
        }
        expect none
    }
}
