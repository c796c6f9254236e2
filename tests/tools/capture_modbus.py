#!/usr/bin/env python3
"""Makes `rules/modbus/captures/attack.pcap`: pymodbus against its own server.

    python3 tests/tools/capture_modbus.py FILE.pcap

Client and server run on loopback addresses, and `dumpcap` listens on `lo`, so it
needs the right to capture and to bind port 502. What the stack does not send (UMAS,
file records, codes that no standard assigns, messages that contradict themselves,
listen only)
goes as raw bytes to the same server. The capture is made once and kept; the script
says how, and makes another of the same shape.

    127.0.10.5   controller, pymodbus server
    127.0.20.5   operator station: reads, and writes within limits
    127.0.30.9   intruder in the office

Made with pymodbus 3.16 and Wireshark 4.0.
"""

import asyncio
import struct
import subprocess
import sys
import time

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.datastore import (
    ModbusDeviceContext,
    ModbusSequentialDataBlock,
    ModbusServerContext,
)
from pymodbus.pdu.device import ModbusDeviceIdentification
from pymodbus.server import ModbusTcpServer

SERVER, OPERATOR, INTRUDER = "127.0.10.5", "127.0.20.5", "127.0.30.9"
PORT = 502
UNIT = 1


def server() -> ModbusTcpServer:
    block = ModbusSequentialDataBlock(1, [0] * 200)
    device = ModbusDeviceContext(di=block, co=block, hr=block, ir=block)
    identity = ModbusDeviceIdentification(
        info_name={"VendorName": "Example", "ProductCode": "EX-1"}
    )
    return ModbusTcpServer(
        ModbusServerContext(devices=device, single=True),
        identity=identity,
        address=(SERVER, PORT),
    )


async def client(source: str) -> AsyncModbusTcpClient:
    modbus = AsyncModbusTcpClient(SERVER, port=PORT, source_address=(source, 0))
    assert await modbus.connect()
    return modbus


async def operate() -> None:
    """What happens all day."""
    modbus = await client(OPERATOR)
    await modbus.read_holding_registers(0, count=10, device_id=UNIT)
    await modbus.read_coils(0, count=16, device_id=UNIT)
    await modbus.write_register(10, 55, device_id=UNIT)
    # 50.0 as a float in two registers, the most significant word first.
    await modbus.write_registers(100, [0x4248, 0x0000], device_id=UNIT)
    modbus.close()


async def attack() -> None:
    """What the stack can send."""
    modbus = await client(INTRUDER)
    await modbus.read_device_information(read_code=1, device_id=UNIT)
    await modbus.report_device_id(device_id=UNIT)
    await modbus.read_holding_registers(40_000, count=2, device_id=UNIT)
    await modbus.write_coils(0, [True] * 8, device_id=UNIT)
    # 250.0, and a register that the site protects.
    await modbus.write_registers(100, [0x437A, 0x0000], device_id=UNIT)
    await modbus.write_registers(150, [1, 2, 3], device_id=UNIT)
    await modbus.diag_clear_counters(device_id=UNIT)
    modbus.close()


def adu(transaction: int, unit: int, pdu: bytes) -> bytes:
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu


RAW = [
    # Listen only: pymodbus's client would wait for an answer that never comes.
    (UNIT, bytes.fromhex("08 0004 0000")),
    (UNIT, bytes.fromhex("08 0001 FF00")),
    # Write to all units.
    (0, bytes.fromhex("0F 0000 0008 01 00")),
    # Read of a file record, which the server of the stack does not decode.
    (UNIT, bytes.fromhex("14 07 06 0004 0001 0002")),
    # A user-defined, a reserved and an unassigned code.
    (UNIT, bytes.fromhex("41 0102")),
    (UNIT, bytes.fromhex("7D 01")),
    (UNIT, bytes.fromhex("19")),
    # UMAS: reservation, start of a transfer, stop of the controller.
    (UNIT, bytes.fromhex("5A 00 10 27 0F 00 00 06") + b"office"),
    (UNIT, bytes.fromhex("5A 01 30 00 01")),
    (UNIT, bytes.fromhex("5A 01 41 FF 00")),
    # The count says two registers, the bytes are one.
    (UNIT, bytes.fromhex("10 0001 0002 04 000A")),
]


async def raw() -> None:
    for number, (unit, pdu) in enumerate(RAW, 1):
        # A connection each: the server closes some of them.
        reader, writer = await asyncio.open_connection(
            SERVER, PORT, local_addr=(INTRUDER, 0)
        )
        writer.write(adu(number, unit, pdu))
        await writer.drain()
        try:
            await asyncio.wait_for(reader.read(256), 0.2)
        except (asyncio.TimeoutError, ConnectionError):
            pass
        writer.close()


async def play() -> None:
    modbus = server()
    serving = asyncio.create_task(modbus.serve_forever())
    await asyncio.sleep(0.5)
    await operate()
    await attack()
    await raw()
    await modbus.shutdown()
    serving.cancel()


def main() -> None:
    [path] = sys.argv[1:]
    listen = ["dumpcap", "-q", "-P", "-i", "lo", "-f", f"tcp port {PORT}", "-w", path]
    capture = subprocess.Popen(listen, stderr=subprocess.DEVNULL)
    time.sleep(1.5)
    try:
        asyncio.run(play())
        time.sleep(1.5)
    finally:
        capture.terminate()
        capture.wait()


if __name__ == "__main__":
    main()
