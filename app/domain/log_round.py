"""Loggkontroll in rounds: once a month, a day and a sample drawn, each item answered by another.

The seed is kept, and what is drawn follows from it and from the log alone, so that anybody who has
the log can draw again and see that nothing was picked by hand.
Law: PDL 4 kap. 3 § (the model followed for all)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from app.domain.emergency import Verdict
from app.domain.legal_day import legal_day

Why = Literal["emergency", "signal", "chance", "risk"]
WHYS: tuple[Why, ...] = ("emergency", "signal", "chance", "risk")
"""Why something is in the sample. The first two always are; the others are drawn."""
RoundState = Literal["", "due", "late"]


@dataclass(frozen=True, kw_only=True)
class ReviewRound:
    """One month's round in one organisation. Times are aware UTC."""

    id: str
    organisation_id: str
    month: str
    """`2026-11`: the month in which it is due."""
    seed: str
    """32 random bytes in hexadecimal, made when it was drawn."""
    day: date | None
    """The day drawn by chance; None when nobody read anything in the time."""
    since: datetime
    until: datetime
    below: int
    """The draw read entries of the log with an index below this one."""
    groups: int
    """How many there were to draw from: one person's acts in one case on one day each."""
    drawn_by: str
    drawn_at: datetime
    signed_by: str | None = None
    signed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RoundItem:
    """One thing to answer: whose acts, in which case, when, and why it is in the sample."""

    id: str
    round_id: str
    organisation_id: str
    why: Why
    key: str
    """The opening's id, the signal's name, or the id of the first entry of a group."""
    staff_id: str
    case_id: str | None
    at: datetime
    op: str
    """Kind of the first entry; empty for a signal, whose sentence says what it was."""
    count: int


@dataclass(frozen=True, kw_only=True)
class ItemAnswer:
    """What the reviewer made of it."""

    by: str
    at: datetime
    verdict: Verdict
    remark: str


@dataclass(frozen=True, kw_only=True)
class ItemQuestion:
    """A question to the person whose acts they were, and what they answered."""

    by: str
    at: datetime
    text: str
    reply: str = ""
    replied_at: datetime | None = None


def month_of(at: datetime) -> str:
    """The month in Sweden, as rounds are named."""
    return f"{legal_day(at):%Y-%m}"


def state_of(signed: bool, *, at: datetime, due_day: int) -> RoundState:
    """Whether this month's round is still to be done, and whether it should have been."""
    if signed:
        return ""
    return "late" if legal_day(at).day > due_day else "due"
