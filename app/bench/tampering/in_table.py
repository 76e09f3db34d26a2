"""Alterations of the table of entries by whoever makes an export, before the log vouches for it.

The log then has the hash of the untrue table, so only its rows, held against the entries, tell.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from app.bench.tampering.alteration import Expected, expect
from app.bench.tampering.written_log import WrittenLog, open_row
from audit.entry import FIELDS, OpenedDetail, parse_leaf
from audit.table_columns import COLUMNS, NOT_VOUCHED
from audit.table_text import CsvTable, json_line

Rows = list[dict[str, Any]]
InTable = Callable[[Rows, random.Random], Expected]
TABLE = "contents/entries"


def true_rows(log: WrittenLog, members: list[int]) -> Rows:
    """The table of these entries, as the service makes it."""
    return [_row(log, n) for n in members]


def write_table(folder: Path, rows: Rows) -> dict[str, Path]:
    """Both forms of the table, in a folder; where each lies, by its path in the export."""
    files = {f"{TABLE}.csv": folder / "entries.csv", f"{TABLE}.jsonl": folder / "entries.jsonl"}
    with files[f"{TABLE}.csv"].open("w", encoding="utf-8", newline="") as file:
        table = CsvTable(file, COLUMNS["entries"])
        for row in rows:
            table.add(row)
    files[f"{TABLE}.jsonl"].write_text("".join(json_line(row) for row in rows), "utf-8")
    return files


def tell_a_cell_otherwise(rows: Rows, chance: random.Random) -> Expected:
    """One cell says what another row says there, or nothing."""
    row = chance.choice(rows)
    told = sorted(set(COLUMNS["entries"]) - {*NOT_VOUCHED["entries"], "n"})
    column = chance.choice(told)
    others = [one[column] for one in rows if one[column] != row[column]]
    row[column] = chance.choice(others) if others else "0"
    return expect("edited", at=row["n"])


def tell_nothing_of_an_entry(rows: Rows, chance: random.Random) -> Expected:
    """A row is left out."""
    return expect("missing", at=rows.pop(chance.randrange(len(rows)))["n"])


def tell_of_an_entry_twice(rows: Rows, chance: random.Random) -> Expected:
    """A row stands twice."""
    at = chance.randrange(len(rows))
    rows.insert(at, rows[at])
    return expect("double-written", at=rows[at]["n"])


def tell_of_no_entry(rows: Rows, chance: random.Random) -> Expected:
    """A row is added for an entry that never was."""
    at = rows[-1]["n"] + chance.choice((1, 2, 100))
    rows.append({**chance.choice(rows), "n": at})
    return expect("edited", at=at)


def tell_in_another_order(rows: Rows, chance: random.Random) -> Expected:
    """Two neighbours change places."""
    at = chance.randrange(len(rows) - 1)
    rows[at], rows[at + 1] = rows[at + 1], rows[at]
    return expect("reordered", at=(rows[at]["n"], rows[at + 1]["n"]))


def number_another_entry(rows: Rows, chance: random.Random) -> Expected:
    """A row is given another entry's number."""
    row, other = chance.sample(rows, 2)
    n, row["n"] = row["n"], other["n"]
    return expect("missing", "edited", "double-written", "reordered", at=(n, other["n"]))


def say_that_it_is_withheld(rows: Rows, chance: random.Random) -> Expected:
    """What the log shows is said to be withheld, and is left out."""
    row = chance.choice(rows)
    row |= {"withheld": ["detail"], "detail": {}, "recipient": "", "purpose": ""}
    return expect("edited", at=row["n"])


IN_TABLE: tuple[InTable, ...] = (
    *(tell_a_cell_otherwise, tell_nothing_of_an_entry, tell_of_an_entry_twice, tell_of_no_entry),
    *(tell_in_another_order, number_another_entry, say_that_it_is_withheld),
)


def _row(log: WrittenLog, n: int) -> dict[str, Any]:
    entry = parse_leaf(log.leaf_rows[n].entry)
    parts: dict[str, Any] = {}
    for name in FIELDS:
        opened = open_row(log.detail_rows[n, name])
        parts[name] = json.loads(opened.body) if isinstance(opened, OpenedDetail) else {}
    return {
        "n": n,
        "time": datetime.fromisoformat(entry.t).isoformat(),
        "act": entry.op,
        "sentence_sv": "Något hände.",
        "sentence_en": "Something happened.",
        "result": entry.res,
        "case": parts["object"].get("case", ""),
        "staff": parts["actor"]["staff"],
        "roles": parts["actor"]["roles"].split(),
        "rules": entry.rule.split(",") if entry.rule else [],
        "pack": entry.pol or "",
        "recipient": "",
        "recipient_name": "",
        "purpose": "",
        "about": parts["object"],
        "detail": parts["detail"],
        "withheld": [],
        "erased": [],
    }
