"""Every text that is sealed under an organisation's ring, and what each is bound to.

For sealing all of them anew when the ring is renewed. What is sealed under a case's key is not
here, because that key is sealed anew instead; a delivery has a key too, and goes the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from app.flows.declare_relation import LABEL as RELATION
from app.flows.emergency_terms import LABEL as EMERGENCY
from app.flows.emergency_terms import REMARK as EMERGENCY_REMARK
from app.flows.review_signals import REMARK as SIGNAL_REMARK
from app.flows.round_texts import ITEM_REMARK, QUESTION, REPLY
from app.flows.write_letter import LABEL as LETTER
from app.records.declared_relation import declared_relation
from app.records.delivery import delivery
from app.records.disclosure_letter import disclosure_letter
from app.records.emergency import emergency_opening
from app.records.export_job import export_job, export_part
from app.records.review_round import review_item
from app.records.ring_rows import TextColumn
from app.records.signal_answer import signal_answer

Row: TypeAlias = Mapping[Any, Any]


@dataclass(frozen=True)
class RingText:
    """One column of such texts; `place` gives the label and the name that a row's is bound to."""

    column: TextColumn
    place: Callable[[Row], tuple[str, str]]


def _by(label: str, key: str = "id") -> Callable[[Row], tuple[str, str]]:
    return lambda row: (label, row[key])


def _piece(row: Row) -> tuple[str, str]:
    return f"export_{row['stage']}", f"{row['job_id']}:{row['part']}"


RING_TEXTS = (
    RingText(declared_relation.c.target, _by(RELATION)),
    RingText(delivery.c.registered_as, _by("registered_as")),
    RingText(disclosure_letter.c.reason, _by(LETTER, "disclosure_id")),
    RingText(emergency_opening.c.terms, _by(EMERGENCY)),
    RingText(emergency_opening.c.remark, _by(EMERGENCY_REMARK)),
    RingText(export_job.c.terms, _by("export_terms")),
    RingText(export_part.c.sealed, _piece),
    RingText(review_item.c.question, _by(QUESTION)),
    RingText(review_item.c.reply, _by(REPLY)),
    RingText(review_item.c.remark, _by(ITEM_REMARK)),
    RingText(signal_answer.c.remark, _by(SIGNAL_REMARK, "signal")),
)
"""A test finds any column with sealed bytes that is neither here nor under another key."""
