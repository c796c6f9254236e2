#!/usr/bin/env python3
"""Modbus events as JSON lines, made by tshark from captures.

    tshark_modbus.py CAPTURE... > events.jsonl

A second opinion, and input for `tagout run` that our own decoders did not touch:
reads tshark's PDML, writes the event JSON that spec/language.md states. Only what
tshark names is filled; nothing is computed from other fields but `request`, which
tshark tells by the server's port.
"""

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from datetime import datetime, timezone

SERVER_PORT = 502


def numbers(proto, name):
    """All values of a field in order, as numbers."""
    return [int(f.get("show"), 0) for f in proto.iter("field") if f.get("name") == name]


def first(proto, name):
    """The first value of a field, or None."""
    return next(iter(numbers(proto, name)), None)


def shown(packet, proto, name):
    """The text of a field of a layer, or None."""
    field = packet.find(f"./proto[@name='{proto}']/field[@name='{name}']")
    return None if field is None else field.get("show")


def registers(pdu, request, function):
    """The registers or bits that a PDU carries."""
    if function in (5, 6) or (function in (3, 4, 15, 16, 23)):
        values = numbers(pdu, "modbus.regval_uint16")
        bits = numbers(pdu, "modbus.bitval")
        return values or bits
    if function in (1, 2) and not request:
        return numbers(pdu, "modbus.bitval")
    return []


def event(packet, header, pdu):
    """One PDU as an event."""
    source, target = int(shown(packet, "tcp", "tcp.srcport")), int(shown(packet, "tcp", "tcp.dstport"))
    request = target == SERVER_PORT or source != SERVER_PORT
    seconds = packet.find("./proto[@name='geninfo']/field[@name='timestamp']").get("value")
    whole, _, fraction = seconds.partition(".")
    stamp = datetime.fromtimestamp(int(whole), timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    function = first(pdu, "modbus.func_code")
    body = {
        "transaction": first(header, "mbtcp.trans_id"),
        "unit": first(header, "mbtcp.unit_id"),
        "function": function,
        "request": request,
    }
    for key, name in [
        ("address", "modbus.reference_num"),
        ("quantity", "modbus.word_cnt"),
        ("quantity", "modbus.bit_cnt"),
        ("exception", "modbus.exception_code"),
        ("subfunction", "modbus.diagnostic_code"),
        ("mei", "modbus.mei"),
    ]:
        value = first(pdu, name)
        if value is not None:
            body[key] = value
    values = registers(pdu, request, function)
    if values:
        body["values"] = values
    network = "ip" if shown(packet, "ip", "ip.src") else "ipv6"
    return {
        "ts": f"{stamp}.{fraction[:6].ljust(6, '0')}Z",
        "kind": "modbus",
        "src": {"ip": shown(packet, network, f"{network}.src"), "port": source},
        "dst": {"ip": shown(packet, network, f"{network}.dst"), "port": target},
        "modbus": body,
    }


def main():
    for capture in sys.argv[1:]:
        command = ["tshark", "-r", capture, "-Y", "modbus && tcp", "-T", "pdml"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as tshark:
            for _, packet in ElementTree.iterparse(tshark.stdout):
                if packet.tag != "packet":
                    continue
                header = None
                for proto in packet.iter("proto"):
                    if proto.get("name") == "mbtcp":
                        header = proto
                    elif proto.get("name") == "modbus" and header is not None:
                        print(json.dumps(event(packet, header, proto), separators=(",", ":")))
                        header = None
                packet.clear()


if __name__ == "__main__":
    main()
