"""What pySigma's SQLite backend says of Sigma rules and events: the third opinion where two
engines differ (pySigma and its backend are LGPL-2.1 and LGPL-3.0: run, not linked).

    pip install pysigma pysigma-backend-sqlite
    python3 tests/tools/sigma_sqlite.py < QUESTIONS > ANSWERS

A question is a line of JSON, {"rule": YAML, "events": [{NAME: VALUE}]}. The answer is one,
{"verdicts": [true, false, ...]}, or {"error": WHY} if the backend cannot say.

Every event is a row of a table with a column for each name, in which texts compare
without regard to case, as Sigma wants it; keywords are looked for in a column that holds
all values of the event.
"""

import json
import re
import sqlite3
import sys

from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection

EVERYTHING = "everything in the event"


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def text(value):
    return str(value).lower() if isinstance(value, bool) else value


def table(names, events):
    database = sqlite3.connect(":memory:")
    database.create_function(
        "REGEXP", 2, lambda pattern, value: re.search(pattern, str(value or "")) is not None
    )
    columns = ", ".join(f"{quoted(name)} COLLATE NOCASE" for name in names)
    database.execute(f"CREATE TABLE logs ({columns})")
    for event in events:
        values = [text(value) for value in event.values() if value is not None]
        row = {name: text(value) for name, value in event.items()}
        row[EVERYTHING] = "\n".join(str(value) for value in values)
        marks = ", ".join("?" for _ in names)
        database.execute(
            f"INSERT INTO logs VALUES ({marks})", [row.get(name) for name in names]
        )
    return database


def verdicts(rule, events):
    backend = sqliteBackend(collate_nocase=True, fulltext_field=EVERYTHING)
    parsed = SigmaCollection.from_yaml(rule).rules[0]
    names = {EVERYTHING, *backend.required_fields(parsed)}
    names.update(name for event in events for name in event)
    database = table(sorted(names), events)
    found = set()
    for query in backend.convert_rule(parsed):
        query = query.replace("SELECT *", "SELECT rowid", 1)
        found.update(row for (row,) in database.execute(query))
    return [row in found for row in range(1, len(events) + 1)]


def main():
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer = {"verdicts": verdicts(question["rule"], question["events"])}
        except Exception as error:  # whatever it is, it is not ours
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer))


if __name__ == "__main__":
    main()
