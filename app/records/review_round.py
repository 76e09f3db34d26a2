"""Rounds of loggkontroll and what was drawn for them. What people wrote is sealed.

An item that is a signal or an emergency opening has its answer where those have theirs, so that no
two pages can hold different answers to one thing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    Select,
    String,
    Table,
    UniqueConstraint,
    and_,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.emergency import Verdict
from app.domain.log_round import ReviewRound, RoundItem, Why
from app.records.case import case_file, case_member
from app.records.emergency import emergency_opening
from app.records.schema import ID, INDEX, UtcTime, entry_column, id_column, metadata
from app.records.signal_answer import signal_answer
from app.records.transaction import Transaction

review_round = Table(
    "review_round",
    metadata,
    id_column(),
    Column("organisation_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("month", String(7), nullable=False),
    Column("seed", String(64), nullable=False),
    Column("day", Date),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("below", INDEX, nullable=False),
    Column("groups", Integer, nullable=False),
    Column("drawn_by", ID, ForeignKey("staff.id"), nullable=False),
    Column("drawn_at", UtcTime, nullable=False),
    Column("signed_by", ID, ForeignKey("staff.id")),
    Column("signed_at", UtcTime),
    entry_column(),
    entry_column("signed_audit_id", nullable=True),
    UniqueConstraint("organisation_id", "month", name="one_round_a_month"),
)

review_item = Table(
    "review_item",
    metadata,
    id_column(),
    Column("round_id", ID, ForeignKey("review_round.id"), nullable=False),
    Column("organisation_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("why", String(10), nullable=False),
    Column("key", String(140), nullable=False),
    Column("staff_id", ID, ForeignKey("staff.id"), nullable=False),
    Column("case_id", ID, ForeignKey("case_file.id")),
    Column("at", UtcTime, nullable=False),
    Column("op", String(60), nullable=False),
    Column("acts", Integer, nullable=False),
    Column("asked_by", ID, ForeignKey("staff.id")),
    Column("asked_at", UtcTime),
    Column("question", LargeBinary),
    Column("replied_at", UtcTime),
    Column("reply", LargeBinary),
    Column("answered_by", ID, ForeignKey("staff.id")),
    Column("answered_at", UtcTime),
    Column("verdict", String(10)),
    Column("remark", LargeBinary),
    entry_column(),
    entry_column("asked_audit_id", nullable=True),
    entry_column("replied_audit_id", nullable=True),
    entry_column("answered_audit_id", nullable=True),
    entry_column("case_erased_audit_id", nullable=True),
    UniqueConstraint("round_id", "why", "key", name="item_once_a_round"),
    CheckConstraint("answered_by <> staff_id", name="answered_by_another"),
    CheckConstraint("asked_by <> staff_id", name="asked_by_another"),
    Index(None, "organisation_id", "staff_id"),
)


@dataclass(frozen=True, kw_only=True)
class StoredItem:
    """An item with what has been said of it, sealed, wherever its answer is kept."""

    item: RoundItem
    reference: str | None
    asked_by: str | None
    asked_at: datetime | None
    question: bytes | None
    replied_at: datetime | None
    reply: bytes | None
    answered_by: str | None
    answered_at: datetime | None
    verdict: Verdict | None
    remark: bytes | None
    confirmed_by: str | None
    """Who stood behind an emergency opening as its second person, and so cannot review it."""


def insert_round(tx: Transaction, made: ReviewRound, *, entry_id: str) -> bool:
    """Keep a round. False if the organisation has one for that month, which then stands."""
    new = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    done = tx.execute(
        new(review_round)
        .values(
            id=made.id,
            organisation_id=made.organisation_id,
            month=made.month,
            seed=made.seed,
            day=made.day,
            since=made.since,
            until=made.until,
            below=made.below,
            groups=made.groups,
            drawn_by=made.drawn_by,
            drawn_at=made.drawn_at,
            audit_id=entry_id,
        )
        .on_conflict_do_nothing(index_elements=["organisation_id", "month"])
        .returning(review_round.c.id)
    )
    return done.first() is not None


def insert_items(tx: Transaction, items: tuple[RoundItem, ...], *, entry_id: str) -> None:
    """Keep what was drawn. One statement."""
    if not items:
        return
    rows = [
        {
            "id": one.id,
            "round_id": one.round_id,
            "organisation_id": one.organisation_id,
            "why": one.why,
            "key": one.key,
            "staff_id": one.staff_id,
            "case_id": one.case_id,
            "at": one.at,
            "op": one.op,
            "acts": one.count,
            "audit_id": entry_id,
        }
        for one in items
    ]
    tx.execute(insert(review_item).values(rows))


def rounds_of(
    tx: Transaction, organisation_id: str, *, before: str | None = None, most: int
) -> tuple[ReviewRound, ...]:
    """The organisation's rounds, the newest first; those of months before that. One query."""
    asked = select(review_round).where(review_round.c.organisation_id == organisation_id)
    if before is not None:
        asked = asked.where(review_round.c.month < before)
    rows = tx.execute(asked.order_by(review_round.c.month.desc()).limit(most))
    return tuple(_round(row) for row in rows)


def round_of(
    tx: Transaction, round_id: str, *, organisation_id: str, lock: bool = False
) -> ReviewRound | None:
    """The organisation's round with that id; held until the end when `lock`. One query."""
    asked = select(review_round).where(
        review_round.c.id == round_id, review_round.c.organisation_id == organisation_id
    )
    row = tx.execute(asked.with_for_update() if lock else asked).first()
    return None if row is None else _round(row)


def signed_in_month(tx: Transaction, organisation_id: str, month: str) -> bool:
    """Whether that month's round has been signed. One query."""
    row = tx.execute(
        select(review_round.c.signed_at).where(
            review_round.c.organisation_id == organisation_id, review_round.c.month == month
        )
    ).first()
    return row is not None and row.signed_at is not None


def items_of(tx: Transaction, round_id: str, *, organisation_id: str) -> tuple[StoredItem, ...]:
    """Everything drawn for the round, with its answers. One query."""
    return _items(tx, organisation_id, review_item.c.round_id == round_id)


def left_in(tx: Transaction, round_ids: Collection[str], *, organisation_id: str) -> dict[str, int]:
    """How many items in each of those rounds have no answer, wherever answers are. One query."""
    asked = _with_answers(select(review_item.c.round_id, func.count().label("left"))).where(
        review_item.c.organisation_id == organisation_id,
        review_item.c.round_id.in_(sorted(round_ids)),
        review_item.c.answered_at.is_(None),
        emergency_opening.c.reviewed_at.is_(None),
        signal_answer.c.answered_at.is_(None),
    )
    rows = tx.execute(asked.group_by(review_item.c.round_id))
    return {row.round_id: row.left for row in rows}


def item_of(
    tx: Transaction, item_id: str, *, organisation_id: str, lock: bool = False
) -> StoredItem | None:
    """One item of the organisation's; held until the end when `lock`. One query."""
    found = _items(tx, organisation_id, review_item.c.id == item_id, lock=lock)
    return next(iter(found), None)


def questions_to(tx: Transaction, staff_id: str, *, organisation_id: str) -> tuple[StoredItem, ...]:
    """What reviewers have asked one member of staff: without an answer first. One query."""
    asked = and_(review_item.c.staff_id == staff_id, review_item.c.asked_at.is_not(None))
    found = _items(tx, organisation_id, asked)
    return tuple(sorted(found, key=lambda one: one.replied_at is not None))


def set_answered(
    tx: Transaction,
    item_id: str,
    *,
    by: str,
    at: datetime,
    verdict: Verdict,
    remark: bytes,
    entry_id: str,
) -> bool:
    """Answer a drawn item. False if it was answered already."""
    done = tx.execute(
        update(review_item)
        .where(review_item.c.id == item_id, review_item.c.answered_at.is_(None))
        .values(
            answered_by=by,
            answered_at=at,
            verdict=verdict,
            remark=remark,
            answered_audit_id=entry_id,
        )
    )
    return done.rowcount == 1


def set_signed(tx: Transaction, round_id: str, *, by: str, at: datetime, entry_id: str) -> bool:
    """Sign the round. False if somebody has."""
    done = tx.execute(
        update(review_round)
        .where(review_round.c.id == round_id, review_round.c.signed_at.is_(None))
        .values(signed_by=by, signed_at=at, signed_audit_id=entry_id)
    )
    return done.rowcount == 1


def in_team_then(tx: Transaction, items: tuple[StoredItem, ...]) -> frozenset[str]:
    """Ids of the items whose member of staff was in the case's team at the time. One query."""
    if not items:
        return frozenset()
    ids = {one.item.id for one in items}
    rows = tx.execute(
        select(review_item.c.id)
        .join(
            case_member,
            and_(
                case_member.c.case_id == review_item.c.case_id,
                case_member.c.staff_id == review_item.c.staff_id,
                case_member.c.member_from <= review_item.c.at,
                or_(case_member.c.member_to.is_(None), case_member.c.member_to > review_item.c.at),
            ),
        )
        .where(review_item.c.id.in_(ids))
    )
    return frozenset(row.id for row in rows)


def _with_answers(asked: Select[Any]) -> Select[Any]:
    """Items beside the answers that openings and signals have of their own."""
    return (
        asked.select_from(review_item)
        .outerjoin(
            emergency_opening,
            and_(review_item.c.why == "emergency", emergency_opening.c.id == review_item.c.key),
        )
        .outerjoin(
            signal_answer,
            and_(
                review_item.c.why == "signal",
                signal_answer.c.organisation_id == review_item.c.organisation_id,
                signal_answer.c.signal == review_item.c.key,
            ),
        )
    )


def _items(
    tx: Transaction, organisation_id: str, which: Any, *, lock: bool = False
) -> tuple[StoredItem, ...]:
    opening, signal = emergency_opening.c, signal_answer.c
    asked = (
        _with_answers(
            select(
                review_item,
                case_file.c.reference,
                opening.reviewed_by,
                opening.reviewed_at,
                opening.verdict.label("opening_verdict"),
                opening.remark.label("opening_remark"),
                opening.confirmed_by,
                signal.answered_by.label("signal_by"),
                signal.answered_at.label("signal_at"),
                signal.verdict.label("signal_verdict"),
                signal.remark.label("signal_remark"),
            )
        )
        .outerjoin(case_file, case_file.c.id == review_item.c.case_id)
        .where(review_item.c.organisation_id == organisation_id, which)
        .order_by(review_item.c.at.desc(), review_item.c.id)
    )
    if lock:
        asked = asked.with_for_update(of=review_item)
    return tuple(_item(row) for row in tx.execute(asked))


def _round(row: Row[Any]) -> ReviewRound:
    return ReviewRound(
        id=row.id,
        organisation_id=row.organisation_id,
        month=row.month,
        seed=row.seed,
        day=row.day,
        since=row.since,
        until=row.until,
        below=row.below,
        groups=row.groups,
        drawn_by=row.drawn_by,
        drawn_at=row.drawn_at,
        signed_by=row.signed_by,
        signed_at=row.signed_at,
    )


def _item(row: Row[Any]) -> StoredItem:
    answers = {
        "emergency": (row.reviewed_by, row.reviewed_at, row.opening_verdict, row.opening_remark),
        "signal": (row.signal_by, row.signal_at, row.signal_verdict, row.signal_remark),
    }
    own = (row.answered_by, row.answered_at, row.verdict, row.remark)
    by, at, verdict, remark = answers.get(row.why, own)
    return StoredItem(
        item=RoundItem(
            id=row.id,
            round_id=row.round_id,
            organisation_id=row.organisation_id,
            why=cast("Why", row.why),
            key=row.key,
            staff_id=row.staff_id,
            case_id=row.case_id,
            at=row.at,
            op=row.op,
            count=row.acts,
        ),
        reference=row.reference,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        question=row.question,
        replied_at=row.replied_at,
        reply=row.reply,
        answered_by=by,
        answered_at=at,
        verdict=verdict,
        remark=remark,
        confirmed_by=row.confirmed_by,
    )
