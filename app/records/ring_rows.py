"""Rows that are sealed under one version of an organisation's ring, to be sealed anew."""

from __future__ import annotations

from sqlalchemy import func, select, update

from app.records.case import StoredCaseKey, case_key
from app.records.subject import SealedSubject, subject
from app.records.transaction import Transaction


def case_keys_under_older(
    tx: Transaction, organisation_id: str, version: int, *, most: int
) -> list[StoredCaseKey]:
    """Case keys that are wrapped to a ring before `version`. One query."""
    columns = case_key.c
    asked = (
        select(columns.case_id, columns.organisation_id, columns.ring_version, columns.wrapped)
        .where(columns.organisation_id == organisation_id, columns.ring_version < version)
        .order_by(columns.case_id)
        .limit(most)
    )
    return [StoredCaseKey(**row._mapping) for row in tx.execute(asked)]


def count_case_keys_under_older(tx: Transaction, organisation_id: str, version: int) -> int:
    """How many there are. One query."""
    columns = case_key.c
    asked = select(func.count()).where(
        columns.organisation_id == organisation_id, columns.ring_version < version
    )
    return int(tx.execute(asked).scalar_one())


def replace_wrap(tx: Transaction, old: StoredCaseKey, new: StoredCaseKey, *, entry_id: str) -> bool:
    """Put the new wrap in the place of the old one; False if somebody else has done it."""
    done = tx.execute(
        update(case_key)
        .where(case_key.c.case_id == old.case_id, case_key.c.ring_version == old.ring_version)
        .values(ring_version=new.ring_version, wrapped=new.wrapped, audit_id=entry_id)
    )
    return done.rowcount == 1


def subjects_after(
    tx: Transaction, organisation_id: str, after: str, *, most: int
) -> list[SealedSubject]:
    """The organisation's own subjects with an id above `after`, in order. One query."""
    columns = subject.c
    asked = (
        select(columns.id, columns.organisation_id, columns.identity, columns.number_index)
        .where(columns.organisation_id == organisation_id, columns.id > after)
        .order_by(columns.id)
        .limit(most)
    )
    return [SealedSubject(**row._mapping) for row in tx.execute(asked)]
