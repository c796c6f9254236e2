#!/usr/bin/env python3
"""Makes `rules/umas/captures/attack.pcap`: UMAS between a client and a controller.

    python3 tests/tools/capture_umas.py FILE.pcap

No open stack speaks UMAS as a controller, so this script plays it, by the analyses that
`spec/schema/umas.toml` lists: it answers as a Modicon does, grants the reservation to who
asks first and refuses what does not hold it. The client sends what public tools send.
`dumpcap` listens on `lo`, so this needs the right to capture and to bind port 502. The
capture is made once and kept; the script says how, and makes another of the same shape.

    127.0.10.5   controller
    127.0.20.5   engineering station: identifies, monitors
    127.0.30.9   intruder in the office

Made with Wireshark 4.0.
"""

import socket
import struct
import subprocess
import sys
import threading
import time

CONTROLLER, ENGINEER, INTRUDER = "127.0.10.5", "127.0.20.5", "127.0.30.9"
PORT = 502
KEY = 0x5B
OK, ERROR = 0xFE, 0xFD

PROGRAM = b"APX\x00" + bytes(range(200))

# Functions that need the key of the reservation.
RESERVED = {0x11, 0x12, 0x21, 0x29, 0x30, 0x31, 0x32, 0x40, 0x41, 0x42, 0x60}

NAME = b"BMX P34 2020"
ANSWERS = {
    0x01: bytes.fromhex("FD00 6002 00000000 00000000 00"),
    0x02: bytes.fromhex("10FF 30010600 0000 6002 0000 0A00 0500 00000000 0000")
    + bytes([len(NAME)])
    + NAME
    + bytes.fromhex("01 01010000 00001000"),
    0x03: bytes(26)
    + bytes.fromhex("06 1E1E0C1C0BEA07 09000200 07")
    + b"Boiler\0",
    0x04: bytes.fromhex("028280 02 B0D56F1B 37583D11"),
    0x20: bytes.fromhex("00 0400 01020304"),
    0x33: bytes.fromhex("00 01 CC000000"),
}


def serve(listener):
    while True:
        try:
            end, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=talk, args=(end,), daemon=True).start()


def talk(end):
    while head := end.recv(6):
        transaction, _, length = struct.unpack(">HHH", head)
        unit, _, session, function, *data = end.recv(length)
        status, answer = answer_to(session, function, bytes(data))
        end.sendall(frame(transaction, unit, bytes([session, status]) + answer))


def answer_to(session, function, data):
    if function == 0x10:
        return OK, bytes([KEY])
    if function in RESERVED and session != KEY:
        return ERROR, bytes([0x83])
    if function == 0x34:
        block = data[2]
        piece = PROGRAM[(block - 1) * 102 : block * 102]
        return OK, bytes([block * 102 >= len(PROGRAM), 0]) + struct.pack("<H", len(piece)) + piece
    if function > 0x74:
        return ERROR, bytes([0x01])
    return OK, ANSWERS.get(function, b"")


def frame(transaction, unit, message):
    pdu = b"\x5a" + message
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu


class Client:
    def __init__(self, source):
        self.end = socket.create_connection((CONTROLLER, PORT), source_address=(source, 0))
        self.transaction = 0

    def ask(self, session, function, data=b""):
        self.transaction += 1
        message = bytes([session, function]) + data
        self.end.sendall(frame(self.transaction, 0, message))
        self.end.recv(512)


def engineer():
    """What happens all day."""
    client = Client(ENGINEER)
    client.ask(0, 0x01, b"\0")
    client.ask(0, 0x02)
    client.ask(0, 0x03, b"\0")
    client.ask(0, 0x04)
    client.ask(0, 0x20, bytes.fromhex("00 1300 0000 0000 0400"))
    client.ask(0, 0x22, bytes.fromhex("37583D11 01 02 2C00 01 1000 04"))
    client.ask(0, 0x50, bytes.fromhex("15 00 01 07"))


def intruder():
    """What public tools and the cited analyses do."""
    client = Client(INTRUDER)
    client.ask(0, 0x02)
    client.ask(0, 0x03, b"\0")
    # A reservation that is not held, then one that is taken.
    for key in range(3):
        client.ask(key, 0x11)
    client.ask(0, 0x10, bytes.fromhex("434C0000 06") + b"office")
    client.ask(KEY, 0x12)
    # The program out of the controller.
    client.ask(0, 0x33, bytes.fromhex("00 01 FB00"))
    for block in (1, 2):
        client.ask(0, 0x34, bytes([0, 1]) + struct.pack("<H", block))
    client.ask(0, 0x35, bytes.fromhex("00 01 0200"))
    # Another one into it; known tools send the second block twice.
    client.ask(KEY, 0x30, bytes.fromhex("00 01"))
    pieces = [PROGRAM[:64], PROGRAM[64:128][::-1], PROGRAM[128:]]
    for block, piece in [(1, pieces[0]), (2, pieces[1]), (2, pieces[1]), (3, pieces[2])]:
        head = bytes([0, 1]) + struct.pack("<HH", block, len(piece))
        client.ask(KEY, 0x31, head + piece)
    client.ask(KEY, 0x32, bytes.fromhex("00 01 0300"))
    # Variables, memory, a breakpoint, initialisation, stop and start.
    client.ask(0, 0x23, bytes.fromhex("37583D11 01 01 2C00 1000 0400 01"))
    client.ask(KEY, 0x21, bytes.fromhex("00 1300 0000 0000 0400 FFFFFFFF"))
    client.ask(KEY, 0x60, bytes.fromhex("0100"))
    client.ask(KEY, 0x42, bytes.fromhex("0000"))
    client.ask(KEY, 0x41, bytes.fromhex("FF00"))
    client.ask(KEY, 0x40, bytes.fromhex("FF00"))
    client.ask(KEY, 0x11)
    # A function that nobody has described; a block that is shorter than it says.
    client.ask(0, 0x99, bytes.fromhex("0102"))
    client.ask(0, 0x31, bytes.fromhex("00 01 0100 F400 41"))


def main():
    [path] = sys.argv[1:]
    listener = socket.create_server((CONTROLLER, PORT))
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    listen = ["dumpcap", "-q", "-P", "-i", "lo", "-f", f"tcp port {PORT}", "-w", path]
    capture = subprocess.Popen(listen, stderr=subprocess.DEVNULL)
    time.sleep(1.5)
    try:
        engineer()
        intruder()
        time.sleep(1.5)
    finally:
        capture.terminate()
        capture.wait()
    listener.close()


if __name__ == "__main__":
    main()
