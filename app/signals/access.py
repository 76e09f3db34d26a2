"""The values that the detectors see: one access, what is known of people and cases, one signal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Kind = Literal["read", "work", "refused", "opened", "unlike"]
"""A reading, an act that changes or discloses something, something asked for in vain, an emergency
opening asked for, which has shown nothing yet, or something asked for with a role, a delegation or
a place in a team that the log does not tell of."""

SignalKind = Literal[
    "emergency",
    "access_differs",
    "outside_usual_work",
    "many_unworked",
    "colleague",
    "declared_relation",
    "rare_surname",
    "many_cases",
    "outside_schedule",
    "after_closing",
    "protected",
    "repeated_refusals",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """One entry of the log, as far as reviewing needs it. `at` is aware UTC."""

    n: int
    at: datetime
    staff_id: str
    case_id: str | None
    kind: Kind
    override: bool = False
    """By an emergency opening."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownCase:
    """What the organisation knows of one of its cases. Names are folded to lower case."""

    names: frozenset[str] = frozenset()
    """Full names of everyone in it."""
    surnames: frozenset[str] = frozenset()
    protected: bool = False
    closed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Known:
    """What one organisation knows beside the log. Held in memory only."""

    cases: Mapping[str, KnownCase] = field(default_factory=dict)
    staff_names: Mapping[str, str] = field(default_factory=dict)
    """Staff id -> full name in lower case."""
    surname_counts: Mapping[str, int] = field(default_factory=dict)
    """How many cases of the organisation have somebody of that surname."""
    relations: frozenset[tuple[str, str]] = frozenset()
    """(staff id, case id) where the member of staff has declared a relation."""
    declared: Mapping[tuple[str, str], tuple[tuple[datetime, datetime | None], ...]] = field(
        default_factory=dict
    )
    """The same with from when and until when it counted: a withdrawal undoes nothing earlier."""
    works_nights: frozenset[str] = frozenset()
    """Staff of an organisation without office hours: police, emergency ward."""
    on_call: Mapping[str, tuple[tuple[date, date | None], ...]] = field(default_factory=dict)
    """Staff id -> the days, first and last, on which they are on call."""
    overseers: frozenset[str] = frozenset()
    """Staff who look into cases without working in them as a part of their role."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """Something to look at. Not an accusation: it has an answer or it has not."""

    kind: SignalKind
    staff_id: str
    case_id: str | None
    at: datetime
    """When the access was that made it one."""
    n: int
    """The index of that access's entry."""
    count: int = 1
    """How many days, cases or times, where the sentence tells a number."""
