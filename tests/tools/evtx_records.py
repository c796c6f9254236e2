"""What python-evtx (Apache-2.0, run and not linked) reads of Windows event logs, for
comparison with ours: one JSON object a record, {"file", "id", "system", "data"}.

    pip install python-evtx
    python3 tests/tools/evtx_records.py FILE.evtx ...

`system` holds the parts that records of all channels have; `data` is what stands in
EventData and UserData, as pairs of name and text in the order of the record. A record
that python-evtx cannot read is {"file", "id", "error"}.
"""

import json
import re
import sys
import xml.etree.ElementTree as tree

import Evtx.Evtx

NAMESPACE = re.compile(r"\{[^}]*\}")
# XML cannot hold these, and python-evtx writes them all the same.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def local(name):
    return NAMESPACE.sub("", name)


def leaves(element):
    for child in element:
        if len(child):
            yield from leaves(child)
        else:
            yield child


def system(event):
    said = {}
    for part in event.find("./{*}System"):
        said[local(part.tag)] = part.text or ""
        for name, value in part.attrib.items():
            said[local(part.tag) + "_" + local(name)] = value
    return said


def data(event):
    pairs = []
    for part in event.findall("./{*}EventData"):
        for element in leaves(part):
            name = element.attrib.get("Name", "")
            name = name if name or local(element.tag) == "Data" else local(element.tag)
            pairs.append([name, element.text or ""])
    for part in event.findall("./{*}UserData"):
        for element in leaves(part):
            pairs.append([local(element.tag), element.text or ""])
    return pairs


def records(path):
    with Evtx.Evtx.Evtx(path) as log:
        # The header of a log that was not closed counts fewer chunks than it has.
        chunks = log.get_file_header().chunks(include_inactive=True)
        for record in (record for chunk in chunks for record in chunk.records()):
            said = {"file": path, "id": record.record_num()}
            try:
                event = tree.fromstring(CONTROL.sub("", record.xml()))
                said["system"] = system(event)
                said["data"] = data(event)
            except Exception as error:  # whatever it is, it is not ours
                said["error"] = f"{type(error).__name__}: {error}"
            yield said


def main():
    for path in sys.argv[1:]:
        try:
            for record in records(path):
                print(json.dumps(record))
        except Exception as error:
            print(json.dumps({"file": path, "id": None, "error": str(error)}))


if __name__ == "__main__":
    main()
