"""Keep what was answered with an order, sealed under the case key, beside what it led to."""

from __future__ import annotations

from datetime import datetime

from app.domain.actor import Actor
from app.domain.assessment import Assessment
from app.domain.disclosure import Circumstance, DisclosureOrder
from app.domain.ids import new_id
from app.fact_finding import seal_answer
from app.flows.find_case import OpenCase
from app.records.answer import StoredAnswer, insert_answer
from app.records.transaction import Transaction
from audit.canonical import Json


def keep_assessments(
    tx: Transaction,
    order: DisclosureOrder,
    opened: OpenCase,
    actor: Actor,
    *,
    version: int,
    at: datetime,
    entry_id: str,
) -> None:
    """Add each answer of the order. Earlier answers stay; the latest one counts."""
    answered: tuple[Assessment | Circumstance, ...] = (
        *order.intent.circumstances,
        *order.assessments,
    )
    for one in answered:
        row = StoredAnswer(
            id=new_id(at),
            organisation_id=actor.organisation_id,
            case_id=opened.case.id,
            note_id=order.intent.note_id,
            version=version,
            recipient_id=order.intent.recipient_id,
            purpose=order.intent.purpose,
            subject_id=one.subject_id,
            kind="assessment" if isinstance(one, Assessment) else "circumstance",
            sealed=b"",
            by_staff=actor.staff_id,
            at=at,
        )
        insert_answer(tx, seal_answer(opened.key, row, one), entry_id=entry_id)


def told(order: DisclosureOrder) -> dict[str, Json]:
    """The answers as an entry's detail tells them; the words stay in their own sealed rows."""
    return {
        "circumstances": [
            {"person": one.subject_id, "fact": one.fact, "answer": one.answer}
            for one in order.intent.circumstances
        ],
        "assessments": [
            {"statement": made.statement, "person": made.subject_id, "answer": made.answer}
            for made in order.assessments
        ],
    }
