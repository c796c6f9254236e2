#!/usr/bin/env python3
"""Makes `rules/iec104/captures/*.pcap`: the stack c104 against its own server.

    python3 tests/tools/capture_iec104.py FOLDER

Stations and masters have loopback addresses, and `dumpcap` listens on `lo`, so it
needs the right to capture. c104 cannot choose a source address: each master goes
through a relay on a port of its own, which connects onwards from that address. What
the stack does not send (reset of the process, parameters, files, broadcasts, private
types, ASDUs that contradict themselves) goes as raw bytes to the same server; a second
station, which the stack cannot be, is played by this script: it has a file to give.
The captures are made once and kept; the script says how, and makes others of the same
shape.

    127.0.10.5   controlled station, c104 server, common address 1
    127.0.10.6   controlled station with a file, common address 6
    127.0.20.5   control centre
    127.0.30.9   intruder in the office

Made with c104 2.2.1 and Wireshark 4.0.
"""

import pathlib
import socket
import subprocess
import sys
import threading
import time

import c104

STATION, ARCHIVE, CENTRE, INTRUDER = "127.0.10.5", "127.0.10.6", "127.0.20.5", "127.0.30.9"
PORT = 2404
STARTDT = bytes.fromhex("68 04 07 00 00 00")


def server():
    """The controlled station."""
    station_server = c104.Server(ip=STATION, port=PORT)
    station = station_server.add_station(common_address=1)
    station.add_point(10, c104.Type.M_ME_NC_1, report_ms=1000).value = 49.5
    station.add_point(11, c104.Type.M_SP_TB_1).value = True
    station.add_point(12, c104.Type.M_DP_NA_1).value = c104.Double.ON
    station.add_point(13, c104.Type.M_ST_NA_1).value = c104.Int7(-3)
    station.add_point(14, c104.Type.M_ME_NB_1).value = c104.Int16(300)
    station.add_point(15, c104.Type.M_IT_NA_1)
    for address in range(100, 105):
        mode = c104.CommandMode.SELECT_AND_EXECUTE
        point = station.add_point(address, c104.Type.C_SC_NA_1, command_mode=mode)
        point.on_receive(callable=accept)
    for address, kind, answer in [
        (110, c104.Type.C_SE_NC_1, accept),
        (111, c104.Type.C_SE_NB_1, accept),
        (120, c104.Type.C_DC_NA_1, accept),
        (121, c104.Type.C_DC_TA_1, accept),
        (122, c104.Type.C_RC_NA_1, accept),
        (130, c104.Type.C_DC_NA_1, refuse),
    ]:
        station.add_point(address, kind).on_receive(callable=answer)
    station_server.start()
    return station_server


def accept(
    point: c104.Point, previous_info: c104.Information, message: c104.IncomingMessage
) -> c104.ResponseState:
    return c104.ResponseState.SUCCESS


def refuse(
    point: c104.Point, previous_info: c104.Information, message: c104.IncomingMessage
) -> c104.ResponseState:
    return c104.ResponseState.FAILURE


class Relay:
    """Hands a connection on, from another source address."""

    def __init__(self, source, port):
        self.source = source
        self.listener = socket.create_server((source, port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection((STATION, PORT), source_address=(self.source, 0))
            for ends in [(near, far), (far, near)]:
                threading.Thread(target=pump, args=ends, daemon=True).start()


def pump(reader, writer):
    try:
        while data := reader.recv(4096):
            writer.sendall(data)
        writer.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def master(source, port, init):
    """A controlling station behind a relay."""
    Relay(source, port)
    client = c104.Client(tick_rate_ms=50, command_timeout_ms=1000)
    connection = client.add_connection(ip=source, port=port, init=init)
    client.start()
    for _ in range(100):
        if connection.is_connected:
            break
        time.sleep(0.05)
    # The stack starts data transfer and does what else begins a connection by itself.
    time.sleep(2)
    return client, connection


def operate():
    """What happens all day."""
    client, connection = master(CENTRE, 12404, c104.Init.ALL)
    station = connection.get_station(1) or connection.add_station(1)
    mode = c104.CommandMode.SELECT_AND_EXECUTE
    breaker = station.add_point(100, c104.Type.C_SC_NA_1, command_mode=mode)
    breaker.value = True
    breaker.transmit(cause=c104.Cot.ACTIVATION)
    setpoint = station.add_point(110, c104.Type.C_SE_NC_1)
    setpoint.value = 55.0
    setpoint.transmit(cause=c104.Cot.ACTIVATION)
    connection.counter_interrogation(common_address=1)
    connection.test(common_address=1)
    measured = station.get_point(10)
    if measured:
        measured.read()
    time.sleep(1)
    client.stop()


def attack():
    """What the stack can send."""
    client, connection = master(INTRUDER, 12405, c104.Init.NONE)
    connection.unmute()
    connection.interrogation(common_address=65535, wait_for_response=False)
    time.sleep(0.3)
    connection.clock_sync(common_address=1)
    station = connection.get_station(1) or connection.add_station(1)
    mode = c104.CommandMode.SELECT_AND_EXECUTE
    for address in range(100, 105):
        point = station.add_point(address, c104.Type.C_SC_NA_1, command_mode=mode)
        point.value = False
        point.transmit(cause=c104.Cot.ACTIVATION)
    for address, kind, value in [
        (120, c104.Type.C_DC_NA_1, c104.Double.OFF),
        (121, c104.Type.C_DC_TA_1, c104.Double.OFF),
        (122, c104.Type.C_RC_NA_1, c104.Step.LOWER),
        # Refused, out of limits, not there.
        (130, c104.Type.C_DC_NA_1, c104.Double.OFF),
        (110, c104.Type.C_SE_NC_1, 250.0),
        (199, c104.Type.C_SC_NA_1, True),
    ]:
        point = station.add_point(address, kind)
        point.value = value
        point.transmit(cause=c104.Cot.ACTIVATION)
    other = connection.add_station(9)
    point = other.add_point(100, c104.Type.C_SC_NA_1)
    point.value = True
    point.transmit(cause=c104.Cot.ACTIVATION)
    connection.mute()
    time.sleep(0.5)
    client.stop()


# What is sent on one connection each, since the server ends some.
RAW = [
    # A direct execution where the station wants a selection first.
    ["2D 01 0600 0100 640000 01"],
    # Reset of the process; of the event buffer.
    ["69 01 0600 0100 000000 01"],
    ["69 01 0600 0100 000000 02"],
    # Limits of a measured value, and their activation.
    ["70 01 0600 0100 0A0000 0000FA43 04"],
    ["71 01 0600 0100 0A0000 01"],
    # Commands to all stations, and marked as a test.
    ["2D 01 0600 FFFF 640000 01"],
    ["2D 01 8600 0100 650000 01"],
    # Monitored values from a master.
    ["0D 01 0300 0100 0A0000 00004842 00"],
    # A file into the station, and one deleted.
    [
        "78 01 0D00 0100 C80000 0200 060000 00",
        "79 01 0D00 0100 C80000 0200 01 060000 00",
        "7D 01 0D00 0100 C80000 0200 01 06 616263646566",
        "7B 01 0D00 0100 C80000 0200 01 03 55",
        "7B 01 0D00 0100 C80000 0200 01 01 55",
    ],
    ["7A 01 0D00 0100 C80000 0100 00 04"],
    # A private type.
    ["C8 01 0600 0100 640000 00"],
    # Two objects, of which the second is cut.
    ["0D 02 0300 0100 0A0000 0000C03F 00 0B0000 00"],
]


def i_frame(number, asdu):
    control = (number * 2).to_bytes(2, "little") + bytes(2)
    return bytes([0x68, len(asdu) + 4]) + control + asdu


def raw():
    """What the stack cannot send."""
    for texts in RAW:
        with socket.create_connection((STATION, PORT), source_address=(INTRUDER, 0)) as end:
            end.settimeout(0.3)
            end.sendall(STARTDT)
            receive(end)
            for number, text in enumerate(texts):
                end.sendall(i_frame(number, bytes.fromhex(text)))
                receive(end)


def receive(end):
    try:
        end.recv(1024)
    except OSError:
        pass


# Who sends, and what: `>` asks, `<` is the station with the file.
FILE = [
    (">", "7A 01 0500 0600 000000 0000 00 00"),
    ("<", "7E 01 0500 0600 2C0100 0300 0A0000 20 50C31E0CDC0B1A"),
    (">", "7A 01 0D00 0600 2C0100 0300 00 01"),
    ("<", "78 01 0D00 0600 2C0100 0300 0A0000 00"),
    (">", "7A 01 0D00 0600 2C0100 0300 00 02"),
    ("<", "79 01 0D00 0600 2C0100 0300 01 0A0000 00"),
    (">", "7A 01 0D00 0600 2C0100 0300 01 06"),
    ("<", "7D 01 0D00 0600 2C0100 0300 01 05 68656C6C6F"),
    ("<", "7D 01 0D00 0600 2C0100 0300 01 05 776F726C64"),
    ("<", "7B 01 0D00 0600 2C0100 0300 01 03 3C"),
    (">", "7C 01 0D00 0600 2C0100 0300 01 03"),
    ("<", "7B 01 0D00 0600 2C0100 0300 01 01 3C"),
    (">", "7C 01 0D00 0600 2C0100 0300 01 01"),
]


def fetch_file():
    """The intruder reads the file of the other station."""
    listener = socket.create_server((ARCHIVE, PORT))
    near = socket.create_connection((ARCHIVE, PORT), source_address=(INTRUDER, 0))
    far, _ = listener.accept()
    near.sendall(STARTDT)
    far.recv(64)
    far.sendall(bytes.fromhex("68 04 0B 00 00 00"))
    near.recv(64)
    sent = {">": 0, "<": 0}
    for mark, text in FILE:
        sender, receiver = (near, far) if mark == ">" else (far, near)
        sender.sendall(i_frame(sent[mark], bytes.fromhex(text)))
        sent[mark] += 1
        receiver.recv(512)
    near.close()
    far.close()
    listener.close()


def captured(path, scene):
    listen = ["dumpcap", "-q", "-P", "-i", "lo", "-f", f"tcp port {PORT}", "-w", str(path)]
    capture = subprocess.Popen(listen, stderr=subprocess.DEVNULL)
    time.sleep(1.5)
    try:
        scene()
        time.sleep(1.5)
    finally:
        capture.terminate()
        capture.wait()


def main():
    [folder] = map(pathlib.Path, sys.argv[1:])
    station_server = server()
    captured(folder / "operation.pcap", operate)
    captured(folder / "attack.pcap", attack)
    captured(folder / "raw.pcap", lambda: (raw(), fetch_file()))
    station_server.stop()


if __name__ == "__main__":
    main()
