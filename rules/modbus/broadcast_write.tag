# Unit 0 addresses every device behind a gateway at once, and none of them answers:
# one frame changes a whole line, and nothing on the wire shows what came of it.
# MODBUS over Serial Line Specification V1.02, section 2.2.

rule broadcast_write {
    meta {
        id = "OT-MODBUS-0005"
        sid = 9200005
        rev = 1
        severity = high
        attack = [ics.T0806, ics.T0855]
        description = "One write addresses every device behind a gateway"
        falsepositives = "clients that use unit 0 for a device without a serial line"
        reference = "https://attack.mitre.org/techniques/T0855/"
    }
    on modbus as m
    where m.request and m.unit == 0 and m.category == public_assigned
        and m.function in { write_single_coil, write_single_register, write_multiple_coils, write_multiple_registers }
        and m.dst.asset.role == gateway
    dedup by (m.src.ip, m.dst.ip) for 10m
    emit {
        title = "Modbus write to all units behind {m.dst.asset.name ?? m.dst.ip}"
        evidence = [m.function, m.address, m.quantity, m.values]
    }
}
