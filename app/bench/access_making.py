"""An invented year while it is made: its staff, its cases and what they have done so far.

Times are local until the year is finished.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from app.domain.legal_day import SWEDEN
from app.domain.public_holiday import is_public_holiday
from app.signals.access import Kind, KnownCase, SignalKind

FIRST_DAY = datetime(2026, 1, 1, tzinfo=SWEDEN)
COMMON = ("andersson", "johansson", "karlsson", "nilsson", "eriksson", "larsson", "olsson")
_SYLLABLES = ("al", "ber", "dal", "ek", "fors", "gran", "hed", "lind", "mo", "ned", "sten", "tall")
_ENDS = ("vret", "sluss", "hage", "mark", "med", "kvist", "holt", "tun", "rud", "fall")


@dataclass(frozen=True)
class Planted:
    """One incident: who, of what kind, in which cases, from when until when."""

    kind: SignalKind
    staff_id: str
    case_ids: frozenset[str]
    start: datetime
    end: datetime


@dataclass
class Staff:
    """A member of staff, and the cases that are theirs."""

    id: str
    name: str
    nights: bool
    overseer: bool = False
    cases: list[str] = field(default_factory=list)

    @property
    def surname(self) -> str:
        """The last word of the name."""
        return self.name.rpartition(" ")[2]


@dataclass
class Making:
    """What has been made so far."""

    chance: random.Random
    days: int
    staff: list[Staff] = field(default_factory=list)
    cases: dict[str, KnownCase] = field(default_factory=dict)
    relations: set[tuple[str, str]] = field(default_factory=set)
    acts: list[tuple[datetime, str, str | None, Kind, bool, bool]] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)

    def act(
        self,
        at: datetime,
        staff_id: str,
        case_id: str | None,
        kind: Kind = "read",
        *,
        override: bool = False,
        planted: bool = False,
    ) -> None:
        self.acts.append((at, staff_id, case_id, kind, override, planted))

    def act_while_open(self, at: datetime, who: Staff, case_id: str, kind: Kind = "read") -> None:
        """An ordinary act: there is none in a case that has been closed."""
        closed = self.cases[case_id].closed_at
        if closed is None or at.astimezone(UTC) < closed:
            self.act(at, who.id, case_id, kind)

    def in_a_year(self, times: int) -> int:
        """So many times as that in a year comes to in these days."""
        return round(times * self.days / 365)

    def surname(self) -> str:
        if self.chance.random() < 0.55:
            return self.chance.choice(COMMON)
        return (
            self.chance.choice(_SYLLABLES)
            + self.chance.choice(_SYLLABLES)
            + self.chance.choice(_ENDS)
        )

    def moment(self, day: int, first: float = 8.0, last: float = 16.5) -> datetime:
        hour = self.chance.uniform(first, last)
        start = datetime.combine((FIRST_DAY + timedelta(days=day)).date(), time(), tzinfo=SWEDEN)
        return start + timedelta(hours=hour)

    def workday(self, low: int = 0, high: int | None = None) -> int:
        while True:
            day = self.chance.randrange(low, high or self.days)
            if is_workday(day):
                return day

    def plant(self, kind: SignalKind, who: Staff, times: list[tuple[datetime, str | None]]) -> None:
        entries: dict[SignalKind, Kind] = {
            "repeated_refusals": "refused",
            "access_differs": "unlike",
        }
        entry = entries.get(kind, "read")
        for at, case_id in times:
            self.act(at, who.id, case_id, entry, override=kind == "emergency", planted=True)
        moments = [at for at, _ in times]
        cases = frozenset(case for _, case in times if case)
        self.planted.append(Planted(kind, who.id, cases, min(moments), max(moments)))


def open_case(making: Making, *, surname_of: Staff, protected: bool | None = None) -> str:
    """A case that is not theirs, still open at the end of the year, of another surname."""
    surname = surname_of.surname
    fitting = [
        one
        for one, case in making.cases.items()
        if one not in surname_of.cases
        and case.closed_at is None
        and surname not in case.surnames
        and (protected is None or case.protected == protected)
        and one.count("-") == 1
    ]
    return making.chance.choice(fitting)


def own_case(making: Making, who: Staff) -> str:
    """One of their own cases that is open the whole year."""
    mine = [one for one in who.cases if making.cases[one].closed_at is None]
    return making.chance.choice(mine or who.cases)


def is_workday(day: int) -> bool:
    """Whether offices are open on that day of the year, counted from 0."""
    on = (FIRST_DAY + timedelta(days=day)).date()
    return on.weekday() < 5 and not is_public_holiday(on)
