"""Decided disclosures, in the sender's register, with what the law said and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    insert,
    select,
    update,
)

from app.domain.disclosure import Disclosure
from app.records.case import case_file
from app.records.delivery import delivery
from app.records.disclosure_letter import disclosure_letter
from app.records.schema import UtcTime, entry_column, metadata
from app.records.transaction import Transaction

disclosure = Table(
    "disclosure",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organisation_id", String(36), ForeignKey("organisation.id"), nullable=False),
    Column("case_id", String(36), ForeignKey("case_file.id"), nullable=False),
    Column("note_id", String(36), ForeignKey("note.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("recipient_id", String(36), ForeignKey("organisation.id"), nullable=False),
    # The hash of the pack that decided, which names its rules when another has come in use.
    Column("pack", String(64), nullable=False),
    # Not a foreign key: the delivery is the recipient's row and is erased by the recipient's rules.
    Column("delivery_id", String(36), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("delegation_item", String(40), nullable=False),
    Column("outcome", String(5), nullable=False),
    Column("grounds", JSON, nullable=False),
    Column("consents", JSON, nullable=False),
    Column("decision", LargeBinary, nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("decided_by", String(36), ForeignKey("staff.id"), nullable=False),
    Column("decided_at", UtcTime, nullable=False),
    Column("arrives_at", UtcTime, nullable=False),
    Column("stopped_at", UtcTime),
    entry_column(),
    entry_column("stop_audit_id", nullable=True),
    Index("disclosure_by_case", "case_id"),
    Index("disclosure_by_time", "organisation_id", "decided_at"),
)

DISCLOSURE_COLUMNS = tuple(
    disclosure.c[name]
    for name in (
        "id",
        "organisation_id",
        "case_id",
        "note_id",
        "version",
        "recipient_id",
        "delivery_id",
        "purpose",
        "delegation_item",
        "outcome",
        "grounds",
        "consents",
        "pack",
        "decided_by",
        "decided_at",
        "arrives_at",
        "stopped_at",
    )
)


@dataclass(frozen=True, kw_only=True)
class SealedDecision:
    """What the law was asked and answered, sealed under the case key."""

    organisation_id: str
    case_id: str
    decision: bytes
    facts: bytes


def sealed_decision(tx: Transaction, disclosure_id: str) -> SealedDecision | None:
    """What a disclosure of any organisation rests on, for replaying it."""
    row = tx.execute(
        select(
            disclosure.c.organisation_id,
            disclosure.c.case_id,
            disclosure.c.decision,
            disclosure.c.facts,
        ).where(disclosure.c.id == disclosure_id)
    ).one_or_none()
    return None if row is None else SealedDecision(**row._mapping)


def insert_disclosure(
    tx: Transaction, made: Disclosure, *, decision: bytes, facts: bytes, entry_id: str
) -> None:
    """Add one disclosure. `decision` and `facts` are sealed under the case key."""
    tx.execute(
        insert(disclosure).values(
            id=made.id,
            organisation_id=made.organisation_id,
            case_id=made.case_id,
            note_id=made.note_id,
            version=made.version,
            recipient_id=made.recipient_id,
            delivery_id=made.delivery_id,
            purpose=made.purpose,
            delegation_item=made.delegation_item,
            outcome=made.outcome,
            grounds=list(made.grounds),
            consents=list(made.consents),
            pack=made.pack,
            decision=decision,
            facts=facts,
            decided_by=made.decided_by,
            decided_at=made.decided_at,
            arrives_at=made.arrives_at,
            audit_id=entry_id,
        )
    )


def disclosures_of_case(
    tx: Transaction, case_id: str, *, lock: bool = False
) -> tuple[Disclosure, ...]:
    """Every disclosure from a case, latest first; held for writing when `lock`."""
    question = (
        select(*DISCLOSURE_COLUMNS)
        .where(disclosure.c.case_id == case_id)
        .order_by(disclosure.c.decided_at.desc(), disclosure.c.id.desc())
    )
    if lock:
        question = question.with_for_update()
    return tuple(as_disclosure(row) for row in tx.execute(question))


def disclosures_with_receipts(
    tx: Transaction, case_ids: Sequence[str]
) -> tuple[tuple[Disclosure, datetime | None, str | None], ...]:
    """Every disclosure from the cases, latest first, with when the recipient registered it.

    And what was decided about the letter on it, None when nothing has been.

    That it was registered is all the sender learns of the delivery. One query.
    """
    rows = tx.execute(
        select(
            *DISCLOSURE_COLUMNS,
            delivery.c.acknowledged_at,
            disclosure_letter.c.outcome.label("letter"),
        )
        .outerjoin(delivery, delivery.c.id == disclosure.c.delivery_id)
        .outerjoin(disclosure_letter, disclosure_letter.c.disclosure_id == disclosure.c.id)
        .where(disclosure.c.case_id.in_(case_ids))
        .order_by(disclosure.c.decided_at.desc(), disclosure.c.id.desc())
    )
    return tuple((as_disclosure(row), row.acknowledged_at, row.letter) for row in rows)


def disclosures_decided(
    tx: Transaction, *, organisation_id: str, since: datetime, before: datetime, most: int
) -> tuple[tuple[Disclosure, str], ...]:
    """What an organisation decided from `since` and before `before`, with the cases' numbers.

    Oldest first, and no more than `most`. One query.
    """
    rows = tx.execute(
        select(*DISCLOSURE_COLUMNS, case_file.c.reference)
        .join(case_file, case_file.c.id == disclosure.c.case_id)
        .where(
            disclosure.c.organisation_id == organisation_id,
            disclosure.c.decided_at >= since,
            disclosure.c.decided_at < before,
        )
        .order_by(disclosure.c.decided_at, disclosure.c.id)
        .limit(most)
    )
    return tuple((as_disclosure(row), row.reference) for row in rows)


def disclosures_to(
    tx: Transaction, note_id: str, version: int, *, recipient_id: str
) -> tuple[Disclosure, ...]:
    """Where a version has gone or is going, to one recipient, latest first; nothing stopped."""
    rows = tx.execute(
        select(*DISCLOSURE_COLUMNS)
        .where(
            disclosure.c.note_id == note_id,
            disclosure.c.version == version,
            disclosure.c.recipient_id == recipient_id,
            disclosure.c.stopped_at.is_(None),
        )
        .order_by(disclosure.c.decided_at.desc(), disclosure.c.id.desc())
    )
    return tuple(as_disclosure(row) for row in rows)


def case_of_disclosure(tx: Transaction, disclosure_id: str, *, organisation_id: str) -> str | None:
    """The id of the case a disclosure of the organisation was made from. Holds nothing."""
    row = tx.execute(
        select(disclosure.c.case_id).where(
            disclosure.c.id == disclosure_id, disclosure.c.organisation_id == organisation_id
        )
    ).one_or_none()
    return None if row is None else str(row.case_id)


def disclosure_of(
    tx: Transaction, disclosure_id: str, *, organisation_id: str
) -> Disclosure | None:
    """One disclosure of the organisation, held for writing until the transaction ends."""
    row = tx.execute(
        select(*DISCLOSURE_COLUMNS)
        .where(disclosure.c.id == disclosure_id, disclosure.c.organisation_id == organisation_id)
        .with_for_update()
    ).one_or_none()
    return None if row is None else as_disclosure(row)


def mark_stopped(
    tx: Transaction, disclosure_ids: Sequence[str], *, at: datetime, entry_id: str
) -> None:
    """Stop disclosures that are still on their way."""
    tx.execute(
        update(disclosure)
        .where(disclosure.c.id.in_(disclosure_ids), disclosure.c.stopped_at.is_(None))
        .values(stopped_at=at, stop_audit_id=entry_id)
    )


def as_disclosure(row: Row[tuple[object, ...]]) -> Disclosure:
    """One row of `DISCLOSURE_COLUMNS`."""
    return Disclosure(
        id=row.id,
        organisation_id=row.organisation_id,
        case_id=row.case_id,
        note_id=row.note_id,
        version=row.version,
        recipient_id=row.recipient_id,
        delivery_id=row.delivery_id,
        purpose=row.purpose,
        delegation_item=row.delegation_item,
        outcome="must" if row.outcome == "must" else "may",
        grounds=tuple(row.grounds),
        consents=tuple(row.consents),
        pack=row.pack,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        arrives_at=row.arrives_at,
        stopped_at=row.stopped_at,
    )
