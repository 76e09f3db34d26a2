"""What an export reads: stretches of the log, and an organisation's decisions and consents.

Every question names the organisation, and is answered a bounded number of rows at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, Table, func, select

from app.domain.consent import Consent
from app.domain.disclosure import Disclosure
from app.domain.refusal import Refusal
from app.records.answer import StoredAnswer, answer
from app.records.audit_log import audit_leaf
from app.records.audit_view import SeenEntry, audit_view, seen
from app.records.case import FoundCase, case_file, found_cases
from app.records.consent import as_consent, consent
from app.records.disclosure import DISCLOSURE_COLUMNS, as_disclosure, disclosure
from app.records.refusal import refusal
from app.records.transaction import Transaction

_BATCH = 200
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Entries of an organisation, or of one of its cases, with start <= index < stop."""

    organisation_id: str
    case_id: str | None
    start: int
    stop: int


def next_entries(tx: Transaction, stretch: Stretch, *, most: int) -> tuple[SeenEntry, ...]:
    """The first entries of the stretch, at most so many. One query."""
    asked = select(audit_view).where(*within(stretch))
    return tuple(seen(row) for row in tx.execute(asked.order_by(audit_view.c.n).limit(most)))


def count_entries(tx: Transaction, stretch: Stretch) -> int:
    """How many there are in all."""
    asked = select(func.count()).select_from(audit_view).where(*within(stretch))
    return int(tx.execute(asked).scalar_one())


def within(stretch: Stretch) -> list[ColumnElement[bool]]:
    """Which rows of the index are of the stretch."""
    which = [
        audit_view.c.organisation_id == stretch.organisation_id,
        audit_view.c.n >= stretch.start,
        audit_view.c.n < stretch.stop,
    ]
    if stretch.case_id is not None:
        which.append(audit_view.c.case_id == stretch.case_id)
    return which


def cases_by_id(
    tx: Transaction, *, organisation_id: str, case_ids: Sequence[str]
) -> dict[str, FoundCase]:
    """Those of the cases that are the organisation's. One query a couple of hundred."""
    found: dict[str, FoundCase] = {}
    for low in range(0, len(case_ids), _BATCH):
        asked = case_file.c.id.in_(case_ids[low : low + _BATCH])
        for one in found_cases(tx, organisation_id, asked):
            found[one.case.id] = one
    return found


@dataclass(frozen=True)
class Kept(Generic[T]):
    """A row, with the ids of the entry that made it and of the one that ended it, if any did."""

    row: T
    made_by: str
    ended_by: str | None = None


def disclosures_in(tx: Transaction, stretch: Stretch) -> Iterator[Kept[Disclosure]]:
    """The organisation's disclosures, oldest first, some at a time."""
    columns = (*DISCLOSURE_COLUMNS, disclosure.c.audit_id, disclosure.c.stop_audit_id)
    asked = select(*columns).where(*_told_within(stretch, disclosure))
    for row in _paged(tx, asked, disclosure.c.id):
        yield Kept(as_disclosure(row), row.audit_id, row.stop_audit_id)


def sealed_decisions(tx: Transaction, disclosure_ids: Sequence[str]) -> dict[str, bytes]:
    """What the law answered, sealed under each case's key, by disclosure. One query."""
    rows = tx.execute(
        select(disclosure.c.id, disclosure.c.decision).where(disclosure.c.id.in_(disclosure_ids))
    )
    return {row.id: bytes(row.decision) for row in rows}


def refusals_in(tx: Transaction, stretch: Stretch) -> Iterator[tuple[Kept[Refusal], bytes]]:
    """Refusals that reached the law, oldest first, some at a time.

    Each with its entry, which tells who and why, and with what the law answered, sealed under the
    case's key.
    """
    names = tuple(Refusal.__dataclass_fields__)
    columns = [refusal.c[name] for name in names]
    asked = select(*columns, refusal.c.decision, refusal.c.audit_id)
    for row in _paged(tx, asked.where(*_told_within(stretch, refusal)), refusal.c.id):
        values = {name: getattr(row, name) for name in names}
        made = Refusal(**{**values, "grounds": tuple(row.grounds)})
        yield Kept(made, row.audit_id), bytes(row.decision)


def answers_in(tx: Transaction, stretch: Stretch) -> Iterator[Kept[StoredAnswer]]:
    """The organisation's assessments and answers, oldest first, some at a time."""
    asked = select(answer).where(*_told_within(stretch, answer))
    for row in _paged(tx, asked, answer.c.id):
        values = dict(row._mapping)
        made_by = values.pop("audit_id")
        yield Kept(StoredAnswer(**values), made_by)


def consents_in(tx: Transaction, stretch: Stretch) -> Iterator[Kept[Consent]]:
    """Consents and refusals recorded in the stretch, oldest first, some at a time."""
    asked = select(consent).where(*_told_within(stretch, consent))
    for row in _paged(tx, asked, consent.c.id):
        yield Kept(as_consent(row), row.audit_id, row.withdrawal_audit_id)


def _told_within(stretch: Stretch, table: Table) -> list[ColumnElement[bool]]:
    """Rows whose own entry lies in the stretch, so that rows and entries end at one place."""
    which = [
        table.c.organisation_id == stretch.organisation_id,
        table.c.audit_id == audit_leaf.c.id,
        audit_leaf.c.n >= stretch.start,
        audit_leaf.c.n < stretch.stop,
    ]
    if stretch.case_id is not None:
        which.append(table.c.case_id == stretch.case_id)
    return which


def _paged(tx: Transaction, asked: Select[Any], key: Any) -> Iterator[Any]:
    """In order of id, which is the order in which rows were made."""
    last = ""
    while True:
        rows = tx.execute(asked.where(key > last).order_by(key).limit(_BATCH)).all()
        yield from rows
        if len(rows) < _BATCH:
            return
        last = rows[-1].id
