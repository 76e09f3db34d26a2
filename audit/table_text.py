"""Tables as text: CSV that no spreadsheet takes for a formula, and JSON Lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from typing import IO

FORMULA_STARTS = frozenset("=+-@|%＝＋－＠\t\r\n")
"""What makes one spreadsheet or another read a cell as something to work out."""
_MARK = "'"
_BLANKS = " \u00a0\ufeff\u200b\u2060"
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


def csv_cell(value: object) -> str:
    """One cell. What could be read as a formula gets an apostrophe in front, also after blanks."""
    text = "" if value is None else str(value).replace("\0", "")
    if text[:1] in FORMULA_STARTS or text.lstrip(_BLANKS)[:1] in FORMULA_STARTS:
        return _MARK + text
    return text


class CsvTable:
    """Rows written one at a time. UTF-8 with a mark, because Excel takes it for Latin-1 without."""

    def __init__(self, file: IO[str], columns: Sequence[str]) -> None:
        file.write("\ufeff")
        self._columns = tuple(columns)
        self._writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        self._writer.writerow([csv_cell(column) for column in columns])

    def add(self, row: Mapping[str, object]) -> None:
        """One row; a list becomes its members with a blank between."""
        self._writer.writerow([csv_cell(_flat(row.get(column))) for column in self._columns])


def json_line(row: Mapping[str, object]) -> str:
    """One row as one line."""
    return _encode(row) + "\n"


def _flat(value: object) -> object:
    if isinstance(value, list | tuple):
        return " ".join(str(one) for one in value)
    if isinstance(value, Mapping):
        return _encode(value)
    return value
