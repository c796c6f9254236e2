# A gateway loads its modules when it starts. One that comes later comes from somebody.
rule kernel_module_loaded {
    meta {
        id = "OT-LINUX-0002"
        sid = 9310002
        rev = 1
        severity = high
        attack = [ics.T0851, enterprise.T1547.006]
        description = "A kernel module is loaded or removed"
        falsepositives = "drivers for devices that are plugged in"
    }
    on audit as e
    where e.op == module_load
        and e.image.name in { "insmod", "modprobe", "rmmod", "kmod" }
    unless maintenance(e.host.asset)
    dedup by (e.host.name, e.command_line) for 1h
    emit {
        title = "kernel module changed on {e.host.name}"
        evidence = [e.command_line, e.user, e.login_user]
    }

    test "as it is seen" {
        at 0s audit {
            host.name: "gw-1", op: module_load, image: "/usr/bin/kmod",
            command_line: "insmod rk.ko", syscall: "finit_module"
        }
        expect match
    }

    test "another call" {
        at 0s audit {
            host.name: "gw-1", op: syscall, image: "/usr/bin/kmod",
            command_line: "insmod rk.ko", syscall: "finit_module"
        }
        expect none
    }

    test "by the device manager" {
        at 0s audit {
            host.name: "gw-1", op: module_load, image: "/usr/lib/systemd/systemd-udevd",
            command_line: "insmod rk.ko", syscall: "finit_module"
        }
        expect none
    }

    test "in a maintenance window" {
        at 0s audit {
            host.name: "gw-1", op: module_load, image: "/usr/bin/kmod",
            command_line: "insmod rk.ko", syscall: "finit_module",
            host.asset.maintenance: true
        }
        expect none
    }
}
