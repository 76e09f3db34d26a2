"""The report that goes with a compliance export: figures, disclosures, rules and checkpoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.reports.page import Bar, Language, bars, page

MOST_LISTED = 200
"""Disclosures in the report; the tables have them all."""
NOUNS = (
    "note",
    "disclosure",
    "delivery",
    "consent",
    "case",
    "person",
    "trail",
    "export",
    "session",
    "other",
)


TurnCode = Literal["refused", "stopped", "withdrawn", "opened", "read"]
_TURNS: dict[str, TurnCode] = {
    "note.disclosure_refused": "refused",
    "delivery.stopped": "stopped",
    "consent.withdrawn": "withdrawn",
    "emergency.opened": "opened",
}


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A no, a stop, a withdrawal or an emergency: what whoever reviews asks for first."""

    when: str
    case: str
    code: TurnCode
    recipient: str
    by: str


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A disclosure that the log itself tells was wrong: its entry, and the consent it rests on,
    which was withdrawn before it or did not last then."""

    n: int
    code: Literal["withdrawn", "outside"]
    consent: str


@dataclass(frozen=True, kw_only=True)
class ComplianceReport:
    """What the report tells. Times are aware UTC."""

    organisation: str
    controller: str
    case: str
    day_from: str
    day_until: str
    recipient: str
    purpose: str
    ordered_by: str
    ordered_at: datetime
    released_by: str
    released_at: datetime | None
    made_at: datetime
    staff_named: bool
    reasons_shown: bool
    entries: int
    start: int
    stop: int
    by_noun: dict[str, int]
    by_result: dict[str, int]
    by_month: dict[str, int]
    by_recipient: dict[str, int]
    disclosures: int
    refusals: int
    consents: int
    listed: list[list[str]]
    turns: int
    listed_turns: list[Turn]
    packs: list[list[str]]
    checkpoint: str
    remarks: list[Remark] = field(default_factory=list)
    together: int = 1
    """How many exports the same order became, a case each, this one among them."""


def compliance_page(report: ComplianceReport, language: Language) -> str:
    """The report as HTML, ready for `make_pdf`."""
    return page("compliance.html", language, report=report, bars=bars, named=_named)


def noun_of(op: str) -> str:
    """Which kind of act an entry tells of. A note's disclosure is a disclosure."""
    noun = op.partition(".")[0]
    if op.startswith("note.disclos"):
        noun = "disclosure"
    return noun if noun in NOUNS else "other"


def turn_of(op: str, res: str) -> TurnCode | None:
    """Which turn an entry tells of, if it does. What was read by emergency is one."""
    return _TURNS.get(op) or ("read" if res == "override" else None)


def _named(figures: dict[str, int], names: dict[str, str]) -> list[Bar]:
    """Bars in the order of the names, those with nothing left out."""
    return bars({names[code]: figures[code] for code in names if figures.get(code)})
