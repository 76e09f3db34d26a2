"""The persons in a case, with the entries that the index has of their marks."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_

from app.domain.subject import Relation
from app.records.access_entries import FoundEntry, found_entries
from app.records.audit_log import audit_detail, audit_leaf
from app.records.audit_view import audit_view
from app.records.case import asked_persons, person_from
from app.records.subject import SealedSubject
from app.records.transaction import Transaction


def persons_and_marks(
    tx: Transaction, case_id: str, *, organisation_id: str, ops: Collection[str]
) -> tuple[tuple[tuple[SealedSubject, Relation], ...], tuple[FoundEntry, ...]]:
    """The persons, the subject first, and the organisation's entries of the kinds `ops` on the
    case that were allowed, oldest first. One query."""
    seen, leaf, detail = audit_view.c, audit_leaf.c, audit_detail.c
    told = and_(
        seen.case_id == case_id,
        seen.organisation_id == organisation_id,
        seen.op.in_(ops),
        seen.res == "allow",
    )
    asked = (
        asked_persons(case_id)
        .join(audit_view, told, isouter=True)
        .join(audit_leaf, leaf.n == seen.n, isouter=True)
        .join(audit_detail, detail.n == leaf.n, isouter=True)
        .add_columns(
            leaf.n,
            leaf.id.label("entry_id"),
            leaf.leaf_hash,
            leaf.entry,
            detail.field,
            detail.key_id,
            detail.body,
        )
        .order_by(leaf.n)
    )
    rows = tx.execute(asked).all()
    persons = {row.id: person_from(row) for row in rows}
    return tuple(persons.values()), found_entries(row for row in rows if row.n is not None)
