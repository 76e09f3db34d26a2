"""Cases, their teams, the persons in them and their keys.

Every question about a case names the organisation and the staff member: a case that is not yours
is found by nothing here. Law: OSL 7 kap. 1 §
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Integer,
    LargeBinary,
    Row,
    Select,
    String,
    Table,
    UniqueConstraint,
    and_,
    insert,
    or_,
    select,
)

from app.domain.case import Case, CaseState
from app.domain.subject import Relation
from app.records.schema import UtcTime, entry_column, metadata
from app.records.subject import SealedSubject, subject
from app.records.transaction import Transaction

case_file = Table(
    "case_file",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organisation_id", String(36), ForeignKey("organisation.id"), nullable=False),
    Column("subject_id", String(36), ForeignKey("subject.id"), nullable=False),
    Column("reference", String(40), nullable=False),
    Column("state", String(10), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    entry_column(),
    entry_column("state_audit_id", nullable=True),
    CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_with_time"),
    UniqueConstraint("organisation_id", "reference", name="case_reference_once"),
)

case_key = Table(
    "case_key",
    metadata,
    Column("case_id", String(36), ForeignKey("case_file.id"), primary_key=True),
    Column("organisation_id", String(36), ForeignKey("organisation.id"), nullable=False),
    Column("ring_version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    entry_column(),
)

case_member = Table(
    "case_member",
    metadata,
    Column("case_id", String(36), ForeignKey("case_file.id"), primary_key=True),
    Column("staff_id", String(36), ForeignKey("staff.id"), primary_key=True),
    Column("organisation_id", String(36), ForeignKey("organisation.id"), nullable=False),
    Column("member_from", UtcTime, primary_key=True),
    Column("member_to", UtcTime),
    entry_column(),
    entry_column("ended_audit_id", nullable=True),
)

case_person = Table(
    "case_person",
    metadata,
    Column("case_id", String(36), ForeignKey("case_file.id"), primary_key=True),
    Column("subject_id", String(36), ForeignKey("subject.id"), primary_key=True),
    Column("organisation_id", String(36), ForeignKey("organisation.id"), nullable=False),
    Column("relation", String(20), nullable=False),
    entry_column(),
)


@dataclass(frozen=True, kw_only=True)
class StoredCaseKey:
    """A case key wrapped to its organisation's public key."""

    case_id: str
    organisation_id: str
    ring_version: int
    wrapped: bytes


@dataclass(frozen=True, kw_only=True)
class FoundCase:
    """A case the asker may work in, with its sealed subject and wrapped key."""

    case: Case
    subject: SealedSubject
    key: StoredCaseKey


def asked_cases() -> Select[tuple[object, ...]]:
    """Cases with their subjects and keys, as a question; `case_from` reads a row of it."""
    return (
        select(
            case_file,
            subject.c.identity,
            subject.c.number_index,
            case_key.c.ring_version,
            case_key.c.wrapped,
        )
        .join(subject, subject.c.id == case_file.c.subject_id)
        .join(case_key, case_key.c.case_id == case_file.c.id)
    )


def cases_in_team(staff_id: str, at: datetime) -> Select[tuple[str]]:
    """Ids of the cases whose team somebody is in at an instant, as a question."""
    return select(case_member.c.case_id).where(in_team(staff_id, at))


def in_team(staff_id: str, at: datetime) -> ColumnElement[bool]:
    """Somebody's places in teams at an instant, as a condition on `case_member`."""
    return and_(
        case_member.c.staff_id == staff_id,
        case_member.c.member_from <= at,
        or_(case_member.c.member_to.is_(None), case_member.c.member_to > at),
    )


def case_of_team(
    tx: Transaction, case_id: str, *, organisation_id: str, staff_id: str, at: datetime
) -> FoundCase | None:
    """The case if the staff member is in its team now, else None. One query either way."""
    row = tx.execute(
        asked_cases().where(
            case_file.c.id == case_id,
            case_file.c.organisation_id == organisation_id,
            case_file.c.id.in_(cases_in_team(staff_id, at)),
        )
    ).one_or_none()
    return None if row is None else case_from(row)


def case_of_organisation(
    tx: Transaction, case_id: str, *, organisation_id: str
) -> FoundCase | None:
    """The case for a supervisor of the organisation, who reviews its trail and reads no notes."""
    row = tx.execute(
        asked_cases().where(
            case_file.c.id == case_id, case_file.c.organisation_id == organisation_id
        )
    ).one_or_none()
    return None if row is None else case_from(row)


def found_cases(
    tx: Transaction, organisation_id: str, which: ColumnElement[bool]
) -> tuple[FoundCase, ...]:
    """Cases of the organisation by a condition on `case_file`, by number. One query."""
    rows = tx.execute(
        asked_cases()
        .where(case_file.c.organisation_id == organisation_id, which)
        .order_by(case_file.c.reference)
    )
    return tuple(case_from(row) for row in rows)


def case_references(tx: Transaction, *, organisation_id: str) -> tuple[Case, ...]:
    """Every case of the organisation by number, for choosing one. No names."""
    rows = tx.execute(
        select(case_file)
        .where(case_file.c.organisation_id == organisation_id)
        .order_by(case_file.c.reference)
    )
    return tuple(_plain(row) for row in rows)


def newest_cases(
    tx: Transaction,
    organisation_id: str,
    *,
    before: str | None = None,
    reference: str = "",
    most: int,
) -> tuple[Case, ...]:
    """The organisation's cases by number, the newest first; those older than `before`, and with
    `reference` in the number. No names.

    Ids grow with time, so that a page goes on where the one before it ended. One query.
    """
    asked = select(case_file).where(case_file.c.organisation_id == organisation_id)
    if before is not None:
        asked = asked.where(case_file.c.id < before)
    if reference:
        asked = asked.where(case_file.c.reference.contains(reference, autoescape=True))
    rows = tx.execute(asked.order_by(case_file.c.id.desc()).limit(most))
    return tuple(_plain(row) for row in rows)


def reference_taken(tx: Transaction, *, organisation_id: str, reference: str) -> bool:
    """Whether the organisation already has a case by that number."""
    return (
        tx.execute(
            select(case_file.c.id).where(
                case_file.c.organisation_id == organisation_id,
                case_file.c.reference == reference,
            )
        ).first()
        is not None
    )


def lock_case(tx: Transaction, case_id: str, *, organisation_id: str, staff_id: str) -> None:
    """Hold a case of the organisation, and the staff member's place in its team, until the end.

    Those who decide in the same case then come one after the other. What others add to the case
    meanwhile is not held up.
    """
    tx.execute(
        select(case_file.c.id)
        .where(case_file.c.id == case_id, case_file.c.organisation_id == organisation_id)
        .with_for_update(key_share=True)
    )
    tx.execute(
        select(case_member.c.case_id)
        .where(
            case_member.c.case_id == case_id,
            case_member.c.organisation_id == organisation_id,
            case_member.c.staff_id == staff_id,
        )
        .with_for_update(read=True)
    )


def insert_case(tx: Transaction, case: Case, key: StoredCaseKey, *, entry_id: str) -> None:
    """Open a case: its row and its wrapped key."""
    tx.execute(
        insert(case_file).values(
            id=case.id,
            organisation_id=case.organisation_id,
            subject_id=case.subject_id,
            reference=case.reference,
            state=case.state,
            opened_at=case.opened_at,
            audit_id=entry_id,
        )
    )
    tx.execute(
        insert(case_key).values(
            case_id=key.case_id,
            organisation_id=key.organisation_id,
            ring_version=key.ring_version,
            wrapped=key.wrapped,
            audit_id=entry_id,
        )
    )


def insert_member(
    tx: Transaction,
    *,
    case_id: str,
    organisation_id: str,
    staff_id: str,
    member_from: datetime,
    entry_id: str,
) -> None:
    """Let a staff member into the case team from an instant on."""
    tx.execute(
        insert(case_member).values(
            case_id=case_id,
            staff_id=staff_id,
            organisation_id=organisation_id,
            member_from=member_from,
            audit_id=entry_id,
        )
    )


def insert_person(
    tx: Transaction,
    *,
    case_id: str,
    organisation_id: str,
    subject_id: str,
    relation: Relation,
    entry_id: str,
) -> None:
    """Connect a subject of the organisation to the case."""
    tx.execute(
        insert(case_person).values(
            case_id=case_id,
            subject_id=subject_id,
            organisation_id=organisation_id,
            relation=relation,
            audit_id=entry_id,
        )
    )


def persons_of(tx: Transaction, case_id: str) -> tuple[tuple[SealedSubject, Relation], ...]:
    """The persons in a case, the subject first. One query."""
    return tuple(person_from(row) for row in tx.execute(asked_persons(case_id)))


def asked_persons(case_id: str) -> Select[Any]:
    """The query for the persons in a case, the subject first, for `person_from`."""
    return (
        select(
            subject.c.id,
            subject.c.organisation_id,
            subject.c.identity,
            subject.c.number_index,
            case_person.c.relation,
        )
        .join(case_person, case_person.c.subject_id == subject.c.id)
        .where(case_person.c.case_id == case_id)
        .order_by(case_person.c.relation != "subject", subject.c.id)
    )


def person_from(row: Row[Any]) -> tuple[SealedSubject, Relation]:
    """A row of `asked_persons`."""
    sealed = SealedSubject(
        id=row.id,
        organisation_id=row.organisation_id,
        identity=row.identity,
        number_index=row.number_index,
    )
    return sealed, row.relation


def _plain(row: Row[tuple[object, ...]]) -> Case:
    state: CaseState = "closed" if row.state == "closed" else "open"
    return Case(
        id=row.id,
        organisation_id=row.organisation_id,
        subject_id=row.subject_id,
        reference=row.reference,
        state=state,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )


def case_from(row: Row[Any]) -> FoundCase:
    """A case out of a row of `asked_cases`."""
    return FoundCase(
        case=_plain(row),
        subject=SealedSubject(
            id=row.subject_id,
            organisation_id=row.organisation_id,
            identity=row.identity,
            number_index=row.number_index,
        ),
        key=StoredCaseKey(
            case_id=row.id,
            organisation_id=row.organisation_id,
            ring_version=row.ring_version,
            wrapped=row.wrapped,
        ),
    )
