"""What a supervisor looks for in the trail of their organisation. Typed fields become one value.

The words searched for live in this value and nowhere else: the log is told which fields were used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from app.domain.case import one_way
from app.domain.legal_day import SWEDEN
from app.domain.problem import Problem
from app.domain.subject import parse_day

MAX_PERSON_CHARACTERS = 100
SHORTEST_NAME = 2
_MOST_DIGITS = 15

ACT_GROUPS: dict[str, tuple[str, ...]] = {
    "acts": (),
    "read": (
        "case.viewed",
        "delivery.opened",
        "delivery.viewed",
        "note.read",
        "note.title_viewed",
        "note.versions_read",
    ),
    "changed": (
        "case.closed",
        "case.reopened",
        "case.started",
        "consent.recorded",
        "consent.withdrawn",
        "delivery.filed",
        "delivery.registered",
        "note.corrected",
        "note.written",
        "person.added",
        "person.corrected",
        "person.protection_lowered",
        "person.protection_lowering_asked",
        "team.let_in",
        "team.taken_out",
    ),
    "disclosed": (
        "delivery.stopped",
        "disclosure.considered",
        "extract.released",
        "extract.texts_released",
        "letter.released",
        "note.disclosed",
    ),
    "emergency": (),
    "refused": (),
    "reviewed": (
        "emergency.reviewed",
        "emergency.seen",
        "round.answered",
        "round.asked",
        "round.drawn",
        "round.listed",
        "round.log_asked",
        "round.log_opened",
        "round.reported",
        "round.signed",
        "round.viewed",
        "signal.answered",
        "signal.listed",
        "trail.exported",
        "trail.listed",
        "trail.reviewed",
        "trail.searched",
    ),
    "signed_in": (
        "session.organisation_chosen",
        "session.sign_in_refused",
        "session.signed_in",
        "session.signed_out",
    ),
}
"""Code of a kind of act -> the kinds of entry it names. `emergency` and `refused` go by the
result instead, and `acts` is all but the looks at lists and pages without a text."""

_LOOKS = (
    "approval.listed",
    "approval.viewed",
    "case.listed",
    "case.searched",
    "case.viewed",
    "consent.listed",
    "decision.listed",
    "delegation.listed",
    "delivery.listed",
    "delivery.viewed",
    "emergency.listed",
    "emergency.seen",
    "export.listed",
    "export.viewed",
    "extract.texts_listed",
    "letter.viewed",
    "note.title_viewed",
    "pack.listed",
    "pack.viewed",
    "person.protection_viewed",
    "processing.viewed",
    "register.viewed",
    "relation.listed",
    "round.listed",
    "round.questions_seen",
    "round.viewed",
    "signal.listed",
    "staff.listed",
    "team.viewed",
    "training.certificate_seen",
    "trail.listed",
    "trail.reviewed",
    "trail.searched",
)
"""Looks at lists and pages on which no note's text is read. One that was refused, or came about by
an emergency opening, is an act all the same."""

_BY_RESULT: dict[str, tuple[str, ...]] = {"refused": ("deny", "error"), "emergency": ("override",)}


def ops_of(act: str) -> tuple[str, ...] | None:
    """The kinds of entry that a kind of act names; None where the result tells, or for all."""
    return ACT_GROUPS[act] if act and act not in (*_BY_RESULT, "acts") else None


def looks_left_out(act: str) -> tuple[str, ...]:
    """The kinds of entry that are left out where they are plain looks that were allowed."""
    return _LOOKS if act == "acts" else ()


def results_of(act: str) -> tuple[str, ...] | None:
    """The results that a kind of act names; None where the kind of entry tells, or for all."""
    return _BY_RESULT.get(act)


@dataclass(frozen=True, kw_only=True)
class TrailSearch:
    """What to look for; an empty field looks for everything. Times are aware UTC."""

    person: str = field(default="", repr=False)
    """A name or a personal number, as typed."""
    reference: str = field(default="", repr=False)
    staff_id: str = ""
    act: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    """Index of the last entry already shown."""

    def used(self) -> tuple[str, ...]:
        """The names of the fields that narrow the search, for the log. Never their contents."""
        values = {
            "person": self.person,
            "case": self.reference,
            "staff": self.staff_id,
            "act": self.act,
            "time": self.since or self.until,
        }
        return tuple(name for name, value in values.items() if value)


def parse_trail_search(typed: Mapping[str, str]) -> TrailSearch | tuple[Problem, ...]:
    """The typed fields as a search, or all that is wrong with them."""
    problems: list[Problem] = []
    person = " ".join(typed.get("person", "").split())
    if len(person) > MAX_PERSON_CHARACTERS:
        values: dict[str, str | int] = {"most": MAX_PERSON_CHARACTERS}
        problems.append(Problem(field="person", code="too_long", values=values))
    elif 0 < len(person) < SHORTEST_NAME:
        problems.append(Problem(field="person", code="name_too_short"))
    days: dict[str, date | None] = {}
    for name in ("since", "until"):
        text = typed.get(name, "").strip()
        days[name] = parse_day(text) if text else None
        if text and days[name] is None:
            problems.append(Problem(field=name, code="date_form"))
    since, until = days["since"], days["until"]
    if since and until and until < since:
        problems.append(Problem(field="until", code="until_before_from"))
    act = typed.get("act", "")
    if act and act not in ACT_GROUPS:
        problems.append(Problem(field="act", code="choose_one"))
    before = typed.get("before", "")
    if problems:
        return tuple(problems)
    return TrailSearch(
        person=person,
        reference=one_way(typed.get("reference", "")),
        staff_id=typed.get("staff_id", "").strip(),
        act=act,
        since=_midnight(since),
        until=_midnight(until + timedelta(days=1)) if until else None,
        before=int(before) if is_index(before) else None,
    )


def is_index(typed: str) -> bool:
    """Whether it can be the index of an entry."""
    return typed.isascii() and typed.isdecimal() and len(typed) <= _MOST_DIGITS


def _midnight(day: date | None) -> datetime | None:
    """When the day begins in Sweden."""
    return datetime.combine(day, time(), tzinfo=SWEDEN).astimezone(UTC) if day else None
