"""What a compliance export is ordered to hold, for whom and why; and how far it has come.

Two persons: one orders, another releases or refuses. The recipient and the purpose are named
before anything is written out. Law: dataskyddsförordningen artikel 5.2
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from app.domain.problem import Problem
from app.domain.subject import parse_day

ExportKind = Literal["organisation", "case", "subject"]
"""`subject`: every case of one person at the organisation, each as an export of its own."""
EXPORT_KINDS: tuple[ExportKind, ...] = ("organisation", "case", "subject")
ExportState = Literal["ordered", "refused", "released", "written", "ready"]
Language = Literal["sv", "en"]

MAX_RECIPIENT_CHARACTERS = 200
MAX_PURPOSE_CHARACTERS = 1_000
_AGE_KEY = re.compile(r"age1[02-9ac-hj-np-z]{58}")


@dataclass(frozen=True, kw_only=True)
class ExportTerms:
    """What was ordered. Stored sealed: a recipient and a purpose can name a person."""

    kind: ExportKind
    case_id: str | None
    """The case, or one of the subject's cases; None for the whole organisation."""
    day_from: date | None
    day_until: date | None
    """Legal days in Sweden, both inclusive; None means from the beginning, to the end."""
    recipient: str
    purpose: str
    language: Language = "sv"
    staff_named: bool = False
    """Whether the recipient sees which member of staff did what, or their roles only."""
    reasons_shown: bool = False
    """Whether the recipient sees the reasons of assessments."""
    age_key: str = ""
    """The recipient's age public key; empty: the file is not encrypted to anyone."""
    cases: tuple[str, ...] = ()
    """All cases of a subject that were ordered together, when there are several."""

    def told(self) -> dict[str, str | bool]:
        """What the log tells of the order."""
        return {
            "kind": self.kind,
            "from": self.day_from.isoformat() if self.day_from else "",
            "until": self.day_until.isoformat() if self.day_until else "",
            "recipient": self.recipient,
            "purpose": self.purpose,
            "staff_named": self.staff_named,
            "reasons_shown": self.reasons_shown,
            "encrypted": bool(self.age_key),
        }

    def __repr__(self) -> str:
        return f"ExportTerms({self.kind}, case {self.case_id})"


@dataclass(frozen=True, kw_only=True)
class ExportJob:
    """One ordered export. Times are aware UTC."""

    id: str
    organisation_id: str
    case_id: str | None
    terms: ExportTerms = field(repr=False)
    state: ExportState
    ordered_by: str
    ordered_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    start: int = 0
    stop: int = 0
    """Indices in the log, `stop` not included; known when it has been released."""
    size: int = 0
    sha256: str = ""
    """Of the finished file."""
    ready_at: datetime | None = None
    begun_again: bool = False
    """What had been made of it is gone, because something in it was erased."""

    @property
    def file_name(self) -> str:
        """Never anything about a person."""
        return f"sluss-export-{self.id}.zip" + (".age" if self.terms.age_key else "")


def parse_export(
    typed: Mapping[str, str], *, cases: Collection[str], on: date
) -> ExportTerms | list[Problem]:
    """The order form as terms, or every problem in it."""
    problems: list[Problem] = []
    kind = next((one for one in EXPORT_KINDS if one == typed.get("kind")), None)
    if kind is None:
        problems.append(Problem(field="kind", code="choose_one"))
    case = typed.get("case_id", "")
    if kind in ("case", "subject") and case not in cases:
        problems.append(Problem(field="case_id", code="choose_one"))
    start, until = _days(typed, on, problems)
    recipient = _text(typed, "recipient", MAX_RECIPIENT_CHARACTERS, problems)
    purpose = _text(typed, "purpose", MAX_PURPOSE_CHARACTERS, problems)
    for name, allowed in (
        ("language", ("sv", "en")),
        ("staff_named", ("yes", "no")),
        ("reasons_shown", ("yes", "no")),
    ):
        if typed.get(name, "") not in allowed:
            problems.append(Problem(field=name, code="choose_one"))
    age_key = typed.get("age_key", "").strip()
    if age_key and not _AGE_KEY.fullmatch(age_key):
        problems.append(Problem(field="age_key", code="age_key_form"))
    if problems or kind is None:
        return problems
    return ExportTerms(
        kind=kind,
        case_id=None if kind == "organisation" else case,
        day_from=start,
        day_until=until,
        recipient=recipient,
        purpose=purpose,
        language="en" if typed["language"] == "en" else "sv",
        staff_named=typed["staff_named"] == "yes",
        reasons_shown=typed["reasons_shown"] == "yes",
        age_key=age_key,
    )


def _days(
    typed: Mapping[str, str], on: date, problems: list[Problem]
) -> tuple[date | None, date | None]:
    days: dict[str, date | None] = {}
    for name in ("day_from", "day_until"):
        written = typed.get(name, "").strip()
        days[name] = parse_day(written) if written else None
        if written and days[name] is None:
            problems.append(Problem(field=name, code="date_form"))
    start, until = days["day_from"], days["day_until"]
    if start is not None and start > on:
        problems.append(Problem(field="day_from", code="not_yet"))
    if start is not None and until is not None and until < start:
        problems.append(Problem(field="day_until", code="until_before_from"))
    return start, until


def _text(typed: Mapping[str, str], name: str, most: int, problems: list[Problem]) -> str:
    text = " ".join(typed.get(name, "").split())
    if not text:
        problems.append(Problem(field=name, code=f"export_{name}_missing"))
    if len(text) > most:
        problems.append(Problem(field=name, code="too_long", values={"most": most}))
    return text
