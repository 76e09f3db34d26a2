"""A note for cooperation: one item of information, of one category, about named persons.

A text that mixes categories is split into several notes, because secrecy attaches to the item.
Law: OSL 10 kap., 21-40 kap.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.domain.problem import Problem

Tri = Literal["yes", "no", "unknown"]

MAX_TITLE_CHARACTERS = 120
MAX_TEXT_CHARACTERS = 50_000


@dataclass(frozen=True, kw_only=True)
class NoteAttributes:
    """What the law asks about an item besides its category. Unanswered is `unknown`."""

    contact_kind: str | None = None
    """Kind of contact data it consists of; None with `contact_known` True means none."""
    contact_known: bool = False
    identifiable: Tri = "yes"
    presence_only: Tri = "no"
    committed_crime: Tri = "unknown"
    crime: str | None = None
    crime_stage: Literal["completed", "attempt", "unknown"] = "unknown"
    victim_under_18: Tri = "unknown"
    investigation: Tri = "unknown"
    intelligence: Tri = "no"
    reporter_identity: Tri = "unknown"
    concern_report: Tri = "unknown"
    health_serious: Tri = "unknown"
    origin: str | None = None
    """Kind of organisation it came from, when it came from another."""


@dataclass(frozen=True, kw_only=True)
class NoteDraft:
    """What a case worker has written, parsed and within its limits, not yet stored."""

    title: str
    text: str
    category: str
    attributes: NoteAttributes
    described: tuple[str, ...]
    """Subject ids, at least one; each person is tested alone."""

    def __repr__(self) -> str:
        return f"NoteDraft(category={self.category!r}, described={len(self.described)})"


@dataclass(frozen=True, kw_only=True)
class NoteHead:
    """What a list shows of a note version. Stored sealed, apart from the text."""

    title: str
    category: str
    attributes: NoteAttributes
    described: tuple[str, ...]

    def __repr__(self) -> str:
        return f"NoteHead(category={self.category!r})"


@dataclass(frozen=True, kw_only=True)
class NoteLine:
    """One note in the list of a case: its newest version's head. Times are aware UTC."""

    id: str
    version: int
    head: NoteHead
    author_id: str
    written_at: datetime


@dataclass(frozen=True, kw_only=True)
class NoteText:
    """One opened note version."""

    line: NoteLine
    text: str

    def __repr__(self) -> str:
        return f"NoteText({self.line.id!r}, version {self.line.version})"


@dataclass(frozen=True, kw_only=True)
class NoteChoices:
    """What may be chosen in a note: codes the law's vocabulary knows, for this organisation."""

    categories: Collection[str]
    contact_kinds: Collection[str]
    crimes: Collection[str]
    kinds: Collection[str]
    persons: Collection[str] = field(default_factory=tuple)


_TRI: dict[str, Tri] = {"yes": "yes", "no": "no", "unknown": "unknown"}
_TRI_FIELDS = (
    "identifiable",
    "presence_only",
    "committed_crime",
    "victim_under_18",
    "investigation",
    "intelligence",
    "reporter_identity",
    "concern_report",
    "health_serious",
)


def parse_note(
    typed: Mapping[str, str], described: tuple[str, ...], *, choices: NoteChoices
) -> NoteDraft | list[Problem]:
    """The form's fields as a draft, or every problem in them. Nothing typed is changed or lost."""
    problems: list[Problem] = []
    title = " ".join(typed.get("title", "").split())
    text = typed.get("text", "").replace("\r\n", "\n").strip()
    problems += _length("title", title, MAX_TITLE_CHARACTERS)
    problems += _length("text", text, MAX_TEXT_CHARACTERS)
    category = typed.get("category", "")
    if not category:
        problems.append(Problem(field="category", code="category_missing"))
    elif category not in choices.categories:
        problems.append(Problem(field="category", code="category_unknown"))
    described = tuple(dict.fromkeys(described))
    if not described:
        problems.append(Problem(field="described", code="described_missing"))
    elif any(person not in choices.persons for person in described):
        problems.append(Problem(field="described", code="described_unknown"))
    attributes = _attributes(typed, choices)
    if isinstance(attributes, list):
        return problems + attributes
    if problems:
        return problems
    return NoteDraft(
        title=title, text=text, category=category, attributes=attributes, described=described
    )


def _length(name: str, value: str, most: int) -> list[Problem]:
    if not value:
        return [Problem(field=name, code=f"{name}_missing")]
    if len(value) > most:
        return [
            Problem(field=name, code="too_long", values={"most": most, "characters": len(value)})
        ]
    return []


def _attributes(typed: Mapping[str, str], choices: NoteChoices) -> NoteAttributes | list[Problem]:
    problems: list[Problem] = []
    answers: dict[str, Tri] = {}
    for name in _TRI_FIELDS:
        answer = _TRI.get(typed.get(name, "") or getattr(NoteAttributes, name))
        if answer is None:
            problems.append(Problem(field=name, code="choose_one"))
        else:
            answers[name] = answer
    contact = typed.get("contact_kind", "")
    crime = typed.get("crime", "") or None
    origin = typed.get("origin", "") or None
    stage = typed.get("crime_stage", "") or "unknown"
    if contact not in ("", "unknown", "none") and contact not in choices.contact_kinds:
        problems.append(Problem(field="contact_kind", code="choose_one"))
    if crime is not None and crime not in choices.crimes:
        problems.append(Problem(field="crime", code="choose_one"))
    if origin is not None and origin not in choices.kinds:
        problems.append(Problem(field="origin", code="choose_one"))
    if stage not in ("completed", "attempt", "unknown"):
        problems.append(Problem(field="crime_stage", code="choose_one"))
    if problems:
        return problems
    return NoteAttributes(
        contact_kind=None if contact in ("", "unknown", "none") else contact,
        contact_known=contact not in ("", "unknown"),
        crime=crime,
        crime_stage="completed"
        if stage == "completed"
        else "attempt"
        if stage == "attempt"
        else "unknown",
        origin=origin,
        **answers,
    )
