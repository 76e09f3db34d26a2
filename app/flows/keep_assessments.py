"""Keep the assessments made with an order, sealed under the case key, beside what they led to."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

import msgspec

from app.domain.actor import Actor
from app.domain.assessment import Assessment, RecordedAssessment
from app.domain.disclosure import DisclosureOrder
from app.domain.ids import new_id
from app.flows.find_case import OpenCase
from app.keys import CaseKey
from app.records.assessment import StoredAssessment, insert_assessment
from app.records.circumstance import StoredCircumstance, insert_circumstance
from app.records.transaction import Transaction
from audit.canonical import Json


class Words(msgspec.Struct, frozen=True):
    """What the official wrote. Sealed; opened for the case team and for a reviewer."""

    reasons: str
    circumstances: str


class _Asked(TypedDict):
    """What every answer of one order is about, and who gave it when."""

    organisation_id: str
    case_id: str
    note_id: str
    version: int
    recipient_id: str
    purpose: str
    by_staff: str
    at: datetime


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
    asked = _Asked(
        organisation_id=actor.organisation_id,
        case_id=opened.case.id,
        note_id=order.intent.note_id,
        version=version,
        recipient_id=order.intent.recipient_id,
        purpose=order.intent.purpose,
        by_staff=actor.staff_id,
        at=at,
    )
    for answered in order.intent.circumstances:
        stored = StoredCircumstance(
            id=new_id(at),
            subject_id=answered.subject_id,
            fact=answered.fact,
            answer=answered.answer,
            **asked,
        )
        insert_circumstance(tx, stored, entry_id=entry_id)
    for made in order.assessments:
        row_id = new_id(at)
        words = msgspec.json.encode(Words(made.reasons, made.circumstances))
        kept = StoredAssessment(
            id=row_id,
            subject_id=made.subject_id,
            statement=made.statement,
            answer=made.answer,
            words=opened.key.seal_text("assessment", row_id, words),
            **asked,
        )
        insert_assessment(tx, kept, entry_id=entry_id)


def open_assessment(key: CaseKey, stored: StoredAssessment) -> RecordedAssessment:
    """A kept assessment with its words."""
    sealed = key.open_text("assessment", stored.id, stored.words)
    words = msgspec.json.decode(sealed, type=Words)
    return RecordedAssessment(
        assessment=Assessment(
            subject_id=stored.subject_id,
            statement=stored.statement,
            answer=stored.answer,
            reasons=words.reasons,
            circumstances=words.circumstances,
        ),
        by=stored.by_staff,
        at=stored.at,
    )


def told(assessments: tuple[Assessment, ...]) -> list[Json]:
    """The answers as an entry's detail tells them; the words stay in their own sealed rows."""
    return [
        {"statement": made.statement, "person": made.subject_id, "answer": made.answer}
        for made in assessments
    ]
