"""What an entry itself says, where the index of entries is asked which there are.

The index is a table that whoever has the database's password can write, and no signature covers it.
So nothing is told from it alone: each row is held against its entry, and a case's own numbers tell
whether a row is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from app.records.audit_view import SeenEntry
from audit.canonical import Json
from audit.entry import Entry, Field
from audit.errors import AuditFault
from audit.pruning import CASE_GONE_OP, read_gone


def as_logged(
    seen: SeenEntry, entry: Entry, values: Mapping[Field, Mapping[str, object]]
) -> SeenEntry:
    """The row as the entry has it. `values` are those of its three parts that open; of one that
    does not, the row is left as it is, because the entry no longer says."""
    said = replace(
        seen,
        id=entry.id,
        organisation_id=entry.org,
        op=entry.op,
        res=entry.res,
        at=datetime.fromisoformat(entry.t),
    )
    if "actor" in values:
        said = replace(said, staff_id=_text(values["actor"], "staff"))
    if "object" in values:
        said = replace(said, case_id=_text(values["object"], "case"))
    return said


def numbers_missing(
    rows: Iterable[tuple[str, Mapping[str, Json], Mapping[str, Json]]], last: int
) -> int:
    """How many of a case's numbers up to `last` no row has, of those that no entry says are gone.

    Each row is an entry's operation, object and detail. One whose object does not open is told as
    such where it stands, and stands here for one number.
    """
    numbers, unread, gone = set(), 0, 0
    for op, about, detail in rows:
        k = about.get("k")
        if isinstance(k, int):
            numbers.add(k)
        else:
            unread += 1
        if op == CASE_GONE_OP:
            gone = max(gone, _gone(k, detail))
    highest = max(last, max(numbers, default=0))
    return max(0, len(set(range(gone + 1, highest + 1)) - numbers) - unread)


def _gone(own: Json, detail: Mapping[str, Json]) -> int:
    try:
        return read_gone(own, detail)
    except AuditFault:
        return 0


def _text(value: Mapping[str, object], name: str) -> str | None:
    found = value.get(name)
    return found if isinstance(found, str) else None
