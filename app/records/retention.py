"""What time has run out for, found and erased. Only `app.flows.purge` calls what erases.

Which rows belong to a case is read from the tables' own references, so that a table that is added
later is erased with the case too, or refuses to let the case go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, not_, or_, select, update

from app.records.audit_log import StoredLog, audit_counter, audit_detail, index_at
from app.records.audit_view import audit_view
from app.records.case import case_file, case_person
from app.records.emergency import emergency_opening
from app.records.errors import faults_told_plainly
from app.records.organisation import organisation
from app.records.review_round import review_item
from app.records.schema import all_tables
from app.records.store import Store
from app.records.subject import subject
from app.records.transaction import Transaction

KEPT_OPS = (
    *("pack.%", "log.%", "installation.%"),
    *("details.erased", "case.erased", "entries.pruned"),
)
"""Entries that outlive every period, details and all: old decisions and erasures rest on them."""


@dataclass(frozen=True, kw_only=True)
class DueCase:
    """A closed case whose period has run out."""

    id: str
    organisation_id: str
    kind: str
    reference: str
    """The organisation's own number, by which whoever releases the plan knows the case."""
    closed_at: datetime
    closed_by: str
    """The id of the entry that is said to have closed it."""


def due_cases(tx: Transaction, before: Mapping[str, datetime]) -> tuple[DueCase, ...]:
    """Cases closed before the instant given for their organisation's kind, in order of id.

    One that was opened in an emergency is kept until somebody has reviewed that.
    """
    if not before:
        return ()
    rows = tx.execute(
        select(
            case_file.c.id,
            case_file.c.organisation_id,
            organisation.c.kind,
            case_file.c.reference,
            case_file.c.closed_at,
            func.coalesce(case_file.c.state_audit_id, "").label("closed_by"),
        )
        .join(organisation, organisation.c.id == case_file.c.organisation_id)
        .where(
            or_(
                *(
                    and_(organisation.c.kind == kind, case_file.c.closed_at < instant)
                    for kind, instant in before.items()
                )
            ),
            not_(_unreviewed()),
        )
        .order_by(case_file.c.id)
    )
    return tuple(DueCase(**row._mapping) for row in rows)


def still_due(tx: Transaction, case: DueCase) -> bool:
    """Whether it is closed since the same instant, and stays so until the transaction ends."""
    asked = select(case_file.c.closed_at).where(case_file.c.id == case.id, not_(_unreviewed()))
    closed_at: datetime | None = tx.execute(asked.with_for_update()).scalar_one_or_none()
    return closed_at == case.closed_at


def _unreviewed() -> ColumnElement[bool]:
    opening = emergency_opening.c
    opened = or_(not_(opening.needs_second), opening.confirmed_at.is_not(None))
    return exists().where(
        opening.case_id == case_file.c.id, opened, opening.reviewed_audit_id.is_(None)
    )


@cache
def _tables_of_a_case() -> tuple[Table, ...]:
    """Every table with rows that belong to a case, those that refer to others first."""
    ordered = reversed(all_tables().sorted_tables)
    return tuple(table for table in ordered if _belongs(table, "") is not None)


def _belongs(table: Table, case_id: str) -> ColumnElement[bool] | None:
    """Which rows of the table are the case's: itself, and what refers to it at any remove."""
    if table is case_file:
        return case_file.c.id == case_id
    if table is review_item:
        # A round of loggkontroll is about those who worked, and is reported on: it stays, and only
        # forgets which case it was.
        return None
    found = []
    for key in table.foreign_keys:
        theirs = None if key.column.table is table else _belongs(key.column.table, case_id)
        if theirs is not None:
            found.append(key.parent.in_(select(key.column).where(theirs)))
    return or_(*found) if found else None


def _of_case(case_id: str) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    for table in _tables_of_a_case():
        which = _belongs(table, case_id)
        if which is not None:
            yield table, which


def rows_of_case(tx: Transaction, case_id: str) -> dict[str, int]:
    """How many rows of each table would go with the case."""
    counts = {
        table.name: tx.execute(select(func.count()).select_from(table).where(which)).scalar_one()
        for table, which in _of_case(case_id)
    }
    return {name: count for name, count in counts.items() if count}


def erase_case(tx: Transaction, case_id: str, *, entry_id: str) -> dict[str, int]:
    """Delete the case, its key, all that belongs to it, and persons nothing else refers to."""
    asked = select(case_person.c.subject_id).where(case_person.c.case_id == case_id)
    main = select(case_file.c.subject_id).where(case_file.c.id == case_id)
    persons = sorted({*tx.execute(asked).scalars(), *tx.execute(main).scalars()})
    tx.execute(
        update(review_item)
        .where(review_item.c.case_id == case_id)
        .values(case_id=None, case_erased_audit_id=entry_id)
    )
    gone = {
        table.name: tx.execute(delete(table).where(which)).rowcount
        for table, which in _of_case(case_id)
    }
    referred = [
        exists().where(key.parent == subject.c.id)
        for table in all_tables().sorted_tables
        for key in table.foreign_keys
        if key.column.table is subject
    ]
    alone = [subject.c.id.in_(persons), *(not_(one) for one in referred)]
    gone["subject"] = tx.execute(delete(subject).where(*alone)).rowcount
    return {name: count for name, count in gone.items() if count}


def entries_on(tx: Transaction, case: DueCase) -> list[int]:
    """The indices of the organisation's entries on the case whose details have not been erased."""
    seen = audit_view.c
    asked = select(seen.n).where(
        seen.case_id == case.id,
        seen.organisation_id == case.organisation_id,
        exists().where(audit_detail.c.n == seen.n, audit_detail.c.field != "actor"),
    )
    return list(tx.execute(asked.order_by(seen.n)).scalars())


def first_kept(tx: Transaction, before: datetime) -> int:
    """The minimum index: the first entry that was made at or after the instant."""
    found = index_at(tx, before)
    return StoredLog(tx).head().n if found is None else found


def by_age(start: int, stop: int) -> list[ColumnElement[bool]]:
    kept = or_(*(audit_view.c.op.like(op) for op in KEPT_OPS))
    return [audit_view.c.n >= start, audit_view.c.n < stop, not_(kept)]


def entries_to_erase(tx: Transaction, start: int, stop: int) -> dict[int, str]:
    """Entries from `start` up to `stop` that still have a detail to erase by age: whose each is."""
    has = exists().where(audit_detail.c.n == audit_view.c.n)
    asked = select(audit_view.c.n, audit_view.c.organisation_id).where(*by_age(start, stop), has)
    return {row.n: row.organisation_id for row in tx.execute(asked.order_by(audit_view.c.n))}


def cases_losing(tx: Transaction, start: int, stop: int) -> dict[str, dict[str, int]]:
    """Cases with entries that go by age from `start` up to `stop`, by organisation.

    Of each how many entries it has had below `stop`, gone ones too. One statement, because the
    service may add entries meanwhile.
    """
    losing = (
        select(audit_view.c.organisation_id, audit_view.c.case_id)
        .where(*by_age(start, stop), audit_view.c.case_id.is_not(None))
        .distinct()
        .subquery()
    )
    later = (
        select(func.count())
        .where(audit_view.c.case_id == losing.c.case_id, audit_view.c.n >= stop)
        .scalar_subquery()
    )
    asked = select(losing, (audit_counter.c.k - later).label("gone")).join(
        audit_counter, audit_counter.c.scope == "case:" + losing.c.case_id
    )
    found: dict[str, dict[str, int]] = {}
    for row in tx.execute(asked):
        found.setdefault(row.organisation_id, {})[row.case_id] = int(row.gone)
    return found


def count_to_erase(tx: Transaction, stop: int) -> int:
    """How many entries below `stop` still have a detail to erase by age."""
    has = exists().where(audit_detail.c.n == audit_view.c.n)
    asked = select(func.count()).select_from(audit_view).where(*by_age(0, stop), has)
    return int(tx.execute(asked).scalar_one())


def forget_who(tx: Transaction, start: int, stop: int) -> None:
    """Take staff and cases out of the view where the entries' own details have gone by age."""
    tx.execute(update(audit_view).where(*by_age(start, stop)).values(staff_id=None, case_id=None))


def reclaim(store: Store) -> None:
    """Give back and overwrite the room of what was erased. Raises StoreBusy while others are in."""
    with faults_told_plainly():
        # No transaction, because what cleans up cannot be part of one.
        raw: Any = store.engine.raw_connection()
        try:
            if store.engine.dialect.name == "postgresql":
                raw.driver_connection.autocommit = True
                # The product's own tables: the server's are others' too, who may be at them.
                raw.driver_connection.execute("VACUUM " + ", ".join(all_tables().tables))
                return
            raw.driver_connection.execute("VACUUM")
            raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.invalidate()
            raw.close()
