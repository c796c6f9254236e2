#!/usr/bin/env python3
"""Writes the captures of plugins/fins and plugins/pcom.

    tests/tools/capture_plugins.py      plugins/{fins,pcom}/captures/attack.pcap

No free controller speaks these protocols, so the frames are laid out here byte by byte,
from the manuals that the plugins name: engineering work, then what an intruder does.
Needs nothing but Python.
"""

import struct
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "plugins"
START = 1_795_000_000_000_000  # microseconds
OFFICE, ENGINEER, PLC = "10.30.1.9", "10.20.0.5", "10.10.0.7"


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def octets(address):
    return bytes(int(part) for part in address.split("."))


def mac(address):
    return bytes([2, 0]) + octets(address)


class Capture:
    """Frames 20 ms apart."""

    def __init__(self):
        self.frames = []
        self.next = {}

    def ip(self, src, dst, protocol, payload):
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), len(self.frames),
                           0, 64, protocol, 0, octets(src), octets(dst))
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        self.frames.append(mac(dst) + mac(src) + b"\x08\x00" + head + payload)

    def pseudo(self, src, dst, protocol, segment):
        head = octets(src) + octets(dst) + struct.pack(">BBH", 0, protocol, len(segment))
        return checksum(head + segment)

    def udp(self, src, sport, dst, dport, data):
        head = struct.pack(">HHHH", sport, dport, 8 + len(data), 0)
        total = self.pseudo(src, dst, 17, head + data) or 0xFFFF
        self.ip(src, dst, 17, head[:6] + struct.pack(">H", total) + data)

    def segment(self, src, sport, dst, dport, flags, data=b""):
        ours, theirs = (src, sport, dst, dport), (dst, dport, src, sport)
        sequence = self.next.setdefault(ours, 1000)
        acknowledged = self.next.get(theirs, 0) if flags & 0x10 else 0
        head = struct.pack(">HHIIBBHHH", sport, dport, sequence, acknowledged, 0x50,
                           flags, 8192, 0, 0)
        total = self.pseudo(src, dst, 6, head + data)
        head = head[:16] + struct.pack(">H", total) + head[18:]
        self.next[ours] = sequence + len(data) + (1 if flags & 3 else 0)
        self.ip(src, dst, 6, head + data)

    def open(self, src, sport, dst, dport):
        self.segment(src, sport, dst, dport, 0x02)
        self.segment(dst, dport, src, sport, 0x12)
        self.segment(src, sport, dst, dport, 0x10)

    def write(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
        for i, frame in enumerate(self.frames):
            at = START + i * 20_000
            out += struct.pack("<IIII", at // 1_000_000, at % 1_000_000, len(frame), len(frame))
            out += frame
        path.write_bytes(out)


def fins(command, body, sid, client, response=False, answer=True, relay=(0, 0)):
    """A frame: of the node `client` to the controller, node 7, or back."""
    icf = (0xC0 if response else 0x80) | (0 if answer else 1)
    plc, asker = (relay[1], 7, 0), (relay[0], client, 0)
    to, source = (asker, plc) if response else (plc, asker)
    return bytes([icf, 0, 2, *to, *source, sid]) + struct.pack(">H", command) + body


class Fins:
    """A client that asks, and what the controller answers."""

    def __init__(self, capture, address, node, port, tcp=False):
        self.capture, self.address, self.node, self.port = capture, address, node, port
        self.tcp, self.sid = tcp, 0

    def send(self, frame, back=False):
        ends = (self.address, self.port, PLC, 9600)
        if back:
            ends = ends[2:] + ends[:2]
        if self.tcp:
            message = b"FINS" + struct.pack(">III", 8 + len(frame), 2, 0) + frame
            self.capture.segment(*ends, 0x18, message)
        else:
            self.capture.udp(*ends, frame)

    def ask(self, command, body=b"", answer=b"", end=0, silent=False):
        self.sid = self.sid + 1 & 0xFF
        self.send(fins(command, body, self.sid, self.node, answer=not silent))
        if not silent:
            self.send(fins(command, struct.pack(">H", end) + answer, self.sid, self.node,
                           response=True), back=True)

    def shake(self, message, back=False):
        ends = (self.address, self.port, PLC, 9600)
        self.capture.segment(*(ends[2:] + ends[:2] if back else ends), 0x18, message)


def name(text):
    return text.encode().ljust(12)


def write_fins():
    capture = Capture()
    panel = Fins(capture, ENGINEER, 5, 9600)
    # An operator's station reads and writes.
    for i in range(20):
        panel.ask(0x0101, bytes.fromhex("82006400000a"),
                  b"".join(struct.pack(">H", 100 * i + n) for n in range(10)))
    panel.ask(0x0101, bytes.fromhex("300003020004"), bytes([0, 1, 1, 0]))
    panel.ask(0x0102, bytes.fromhex("8200c80000020123ffff"))
    panel.ask(0x0104, bytes.fromhex("82006400b1000500"), bytes.fromhex("820011b10022"))
    panel.ask(0x0105, bytes.fromhex("82006400b200000a0010"))
    panel.ask(0x0601, b"", bytes([1, 4]) + bytes(8) + b"E001 MESSAGE    ")
    panel.ask(0x0620, b"\x01", struct.pack(">III", 12, 40, 9))
    panel.ask(0x0501, b"\x00", b"CJ2M-CPU33".ljust(20) + b"02.00".ljust(20) + bytes(40)
              + bytes.fromhex("0014170080010008000000ff"))
    panel.ask(0x0701, b"", bytes.fromhex("26112812300506"))
    panel.ask(0x2102, bytes.fromhex("00000002"),
              bytes.fromhex("001400020002") + bytes.fromhex("00f10000300512281126") * 2)
    panel.ask(0x0801, b"tagout", b"tagout")
    # Engineering over FINS/TCP, one message in two segments.
    tool = Fins(capture, ENGINEER, 9, 50100, tcp=True)
    capture.open(ENGINEER, 50100, PLC, 9600)
    tool.shake(b"FINS" + struct.pack(">IIII", 12, 0, 0, 0))
    tool.shake(b"FINS" + struct.pack(">IIIII", 16, 1, 0, 9, 7), back=True)
    tool.ask(0x0C01, b"\xff\xff")
    tool.ask(0x0306, bytes.fromhex("ffff000000000010"),
             bytes.fromhex("ffff000000008010") + bytes(range(16)))
    tool.ask(0x0201, bytes.fromhex("801000000004"), bytes.fromhex("801000008004") + bytes(8))
    tool.ask(0x2201, bytes.fromhex("800000000003"), end=0x2301)
    whole = fins(0x0101, bytes.fromhex("820064000001"), 77, 9)
    message = b"FINS" + struct.pack(">III", 8 + len(whole), 2, 0) + whole
    tool.shake(message[:11])
    tool.shake(message[11:])
    tool.send(fins(0x0101, bytes.fromhex("00000042"), 77, 9, response=True), back=True)
    tool.ask(0x0C03, b"\xff\xff")
    # The intruder: who is there, then all that hurts.
    office = Fins(capture, OFFICE, 99, 40001)
    office.ask(0x0501, b"\x00", b"CJ2M-CPU33".ljust(20) + b"02.00".ljust(20) + bytes(52))
    office.ask(0x0502, b"\x00\x19", bytes([1, 0x10]) + b"CJ1W-EIP21".ljust(20))
    office.ask(0x0306, bytes.fromhex("ffff000000000200"), end=0x2002)
    office.ask(0x0305, bytes.fromhex("ffff0000000000ffffffff") + b"1234", end=0x2602)
    office.ask(0x0C01, b"\xff\xff", b"\x00\x09\x00", end=0x3001)
    office.ask(0x0C02, b"\xff\xff")
    office.ask(0x0402)
    office.ask(0x0308, b"\xff\xff\x00")
    office.ask(0x0307, bytes.fromhex("ffff000000008008") + bytes(range(8)),
               bytes.fromhex("ffff000000008008"))
    office.ask(0x0202, bytes.fromhex("801300008002") + bytes(4))
    office.ask(0x0203, bytes.fromhex("8010000002000000"))
    office.ask(0x0103, bytes.fromhex("82000000271000ff"))
    office.ask(0x0702, bytes.fromhex("200101000000"))
    office.ask(0x2301, bytes.fromhex("0002 0001 30000305 8000 31001000"))
    office.ask(0x2302)
    office.ask(0x2141)
    office.ask(0x2103)
    office.ask(0x2101, bytes.fromhex("ffff"))
    office.ask(0x2202, bytes.fromhex("8000") + name("RECIPE.IOM") + bytes.fromhex("000000000010"),
               bytes.fromhex("00000010000000000010") + bytes(16))
    office.ask(0x2203, bytes.fromhex("80000002") + name("AUTOEXEC.OBJ")
               + bytes.fromhex("000000000004") + b"evil")
    office.ask(0x2205, bytes.fromhex("80000001") + name("RECIPE.IOM"))
    office.ask(0x2208, bytes.fromhex("8000") + name("A.OBJ") + name("B.OBJ"))
    office.ask(0x2204, b"\x80\x00", end=0x2103)
    office.ask(0x0401, bytes.fromhex("ffff04"))
    office.ask(0x0401)
    office.ask(0x0403, silent=True)
    office.ask(0x2722, b"\x01\x02", end=0x0401)
    # A count that does not fit, and a frame that ends too early.
    office.send(fins(0x0102, bytes.fromhex("820064000003 0001"), 1, 99))
    office.send(fins(0x0101, bytes.fromhex("8200"), 2, 99))
    # A node that the unit does not let in.
    capture.open(OFFICE, 40002, PLC, 9600)
    stranger = Fins(capture, OFFICE, 0, 40002, tcp=True)
    stranger.shake(b"FINS" + struct.pack(">IIII", 12, 0, 0, 0))
    stranger.shake(b"FINS" + struct.pack(">IIIII", 16, 1, 0x22, 0, 7), back=True)
    capture.write(ROOT / "fins/captures/attack.pcap")


def ascii_message(text, reply=False):
    digits = f"{sum(text.encode()) & 0xFF:02X}"
    return f"/{'A' if reply else ''}{text}{digits}\r".encode()


def twos(data):
    return struct.pack("<H", -sum(data) & 0xFFFF)


def binary_message(command, data=b"", details=bytes(6), reply=False):
    ids = b"\xfe\x01" if reply else b"\x01\xfe"
    head = b"/_OPLC" + ids + bytes([1, 0, 0, 0, command | (0x80 if reply else 0), 0])
    head += details + struct.pack("<H", len(data))
    return head + twos(head) + data + twos(data) + b"\\"


class Pcom:
    def __init__(self, capture, address, port):
        self.capture, self.ends, self.n = capture, (address, port, PLC, 20256), 0
        capture.open(*self.ends)

    def message(self, mode, body):
        return struct.pack("<HBBH", self.n, mode, 0, len(body)) + body

    def exchange(self, mode, request, reply):
        self.n += 1
        self.capture.segment(*self.ends, 0x18, self.message(mode, request))
        back = self.ends[2:] + self.ends[:2]
        self.capture.segment(*back, 0x18, self.message(mode, reply))

    def ascii(self, request, reply):
        self.exchange(101, ascii_message(request), ascii_message(reply, reply=True))

    def binary(self, command, data=b"", answer=b"", details=bytes(6)):
        self.exchange(102, binary_message(command, data, details),
                      binary_message(command, answer, details, reply=True))


def write_pcom():
    capture = Capture()
    panel = Pcom(capture, ENGINEER, 51000)
    for i in range(10):
        panel.ascii("01RW000003", f"01RW{i:04X}00020003")
        panel.ascii("01RB000A04", "01RB0110")
    panel.ascii("01RE000002", "01RE10")
    panel.ascii("01RNL000001", "01RN0001E240")
    panel.ascii("01SW0005020064FFFF", "01SW")
    panel.ascii("01SB000A0211", "01SB")
    panel.ascii("01RC", "01RC05301206281126")
    panel.ascii("00ID", "00IDB1  A 3.01  03R00J 0000")
    panel.binary(0x4D, bytes.fromhex("0100000000000100000081000000"), bytes(8),
                 bytes.fromhex("000000000100"))
    panel.binary(0x0C, b"", b"PUMP STATION 4")
    office = Pcom(capture, OFFICE, 40100)
    office.ascii("00ID", "00IDB1  A 3.01  03R00J 0000")
    office.ascii("00UG", "00UG01")
    office.binary(0x10, b"", bytes(4))
    office.binary(0x02, b"1111", b"\x00")
    office.binary(0x42, b"", b"")
    office.binary(0x01, bytes(8), bytes(32))
    office.ascii("01CCS", "01CC")
    office.binary(0x41, bytes(8) + b"new logic", b"")
    office.binary(0x1A, b"", b"")
    office.binary(0x44, bytes(32) + b"1234", b"")
    office.ascii("01SC00000002010126", "01SC")
    office.ascii("01US02", "02US")
    office.ascii("01CCI", "01CC")
    office.ascii("01CCE", "01CC")
    office.ascii("01CCR", "01CC")
    office.ascii("01SA000004FFFF", "01SA")
    # A checksum that does not hold, and a mode that there is none of.
    ends = office.ends
    capture.segment(*ends, 0x18, office.message(101, b"/01RW00000300\r"))
    capture.segment(*ends, 0x18, office.message(103, b"/01CCS55\r"))
    capture.write(ROOT / "pcom/captures/attack.pcap")


if __name__ == "__main__":
    write_fins()
    write_pcom()
