"""What reviewers ask, what those asked say, and what is remarked: sealed under the organisation."""

from __future__ import annotations

from app.domain.log_round import ItemAnswer, ItemQuestion
from app.keys import Ring
from app.records.review_round import StoredItem

QUESTION, REPLY, ITEM_REMARK = "round-question", "round-reply", "round-remark"
_ELSEWHERE = {"signal": "signal-remark", "emergency": "emergency-remark"}
"""Where the remark is that was made on the thing itself, sealed to its own name."""


def seal_question(ring: Ring, item_id: str, text: str) -> bytes:
    """A question to the person whose acts they were."""
    return ring.seal_text(QUESTION, item_id, text.encode())


def seal_reply(ring: Ring, item_id: str, text: str) -> bytes:
    """What they said."""
    return ring.seal_text(REPLY, item_id, text.encode())


def seal_item_remark(ring: Ring, stored: StoredItem, text: str) -> bytes:
    """What the reviewer makes of it, sealed for where the answer is kept."""
    label, name = _place(stored)
    return ring.seal_text(label, name, text.encode())


def question_in(ring: Ring, stored: StoredItem) -> ItemQuestion | None:
    """The question and its answer, opened."""
    if stored.asked_by is None or stored.asked_at is None or stored.question is None:
        return None
    item_id = stored.item.id
    return ItemQuestion(
        by=stored.asked_by,
        at=stored.asked_at,
        text=ring.open_text(QUESTION, item_id, stored.question).decode(),
        reply=ring.open_text(REPLY, item_id, stored.reply).decode() if stored.reply else "",
        replied_at=stored.replied_at,
    )


def answer_in(ring: Ring, stored: StoredItem) -> ItemAnswer | None:
    """What was made of it, opened."""
    if stored.answered_by is None or stored.answered_at is None or stored.verdict is None:
        return None
    label, name = _place(stored)
    remark = ring.open_text(label, name, stored.remark).decode() if stored.remark else ""
    return ItemAnswer(
        by=stored.answered_by, at=stored.answered_at, verdict=stored.verdict, remark=remark
    )


def _place(stored: StoredItem) -> tuple[str, str]:
    label = _ELSEWHERE.get(stored.item.why)
    return (label, stored.item.key) if label else (ITEM_REMARK, stored.item.id)
