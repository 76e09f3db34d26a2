"""An invented year of access in one organisation, with snoopers planted among those who look alike.

Beside each kind of snooper stand benign people who nearly do the same: who read themselves in for a
handover, plan eight cases before a meeting, are on call, finish a file after it was closed, share a
common surname, mistype a number, open what has come in. What is planted is labelled, and the
detectors never see the labels.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.bench.access_making import (
    Making,
    Planted,
    Staff,
    is_workday,
    open_case,
    own_case,
)
from app.bench.planted_snoopers import plant_access_differs, plant_each, plant_rare_surname
from app.domain.legal_day import SWEDEN
from app.domain.public_holiday import is_public_holiday
from app.signals.access import Access, Kind, Known, KnownCase

DEVELOPMENT_SEEDS = (1, 2, 3, 4, 5)
"""The thresholds of the detectors were set by looking at these."""
HELD_OUT_SEEDS = (401, 402, 403, 404, 405, 406, 407, 408, 409, 410)
"""Never looked at while thresholds were set. 101 to 110 were met once and 201 to 210 until somebody
else thought of snoopers that were not planted here: one case a week, the same case every other
month, a case closed last week, midsummer eve. The detectors were set anew for those. 301 to 310
were met before whoever registers or writes in many cases was no longer taken to look into many;
these took their place."""


@dataclass(frozen=True, kw_only=True)
class Year:
    """What the detectors get, and what was planted in it."""

    accesses: tuple[Access, ...]
    known: Known
    planted: tuple[Planted, ...]
    by_snoopers: frozenset[int]
    """Indices of the planted accesses."""


def make_year(
    seed: int, *, days: int = 365, staff: int = 40, cases: int = 320, per_kind: int = 10
) -> Year:
    """The year of that seed. The same seed gives the same year, whatever the machine."""
    making = Making(random.Random(seed), days)  # noqa: S311 - a made-up year keeps no secret
    _people(making, staff, cases)
    _ordinary_work(making)
    _look_alikes(making)
    for _ in range(per_kind):
        plant_each(making)
    for _ in range(per_kind):
        plant_rare_surname(making)
    for _ in range(per_kind):
        plant_access_differs(making)
    return _finished(making)


def _people(making: Making, staff: int, cases: int) -> None:
    chance = making.chance
    for number in range(staff):
        name = f"förnamn{number} {making.surname()}"
        nights, overseer = number % 8 == 7, number % 20 == 19
        making.staff.append(Staff(f"staff-{number}", name, nights, overseer))
    for number in range(cases):
        surnames = {making.surname(), making.surname()} if chance.random() < 0.5 else set()
        surnames |= {making.surname()}
        closed = chance.random() < 0.35
        making.cases[f"case-{number}"] = KnownCase(
            names=frozenset(f"barn{number} {one}" for one in surnames),
            surnames=frozenset(surnames),
            protected=chance.random() < 0.06,
            closed_at=making.moment(chance.randrange(60, making.days)).astimezone(UTC)
            if closed
            else None,
        )
        # Nobody is given a case with a person of their own name in it.
        given = [one for one in making.staff if not one.overseer and one.surname not in surnames]
        for worker in chance.sample(given, 2):
            worker.cases.append(f"case-{number}")


def _ordinary_work(making: Making) -> None:
    """Everybody reads their cases and works in them, some every month, while they are open."""
    for who in making.staff:
        for day in range(making.days) if not who.overseer else ():
            if is_workday(day) or who.nights:
                _a_day_of(making, who, day)
        for case_id in who.cases:
            for day in range(0, making.days, 30):
                making.act_while_open(making.moment(day, 9, 15), who, case_id, "work")


def _a_day_of(making: Making, who: Staff, day: int) -> None:
    chance = making.chance
    late = who.nights and chance.random() < 0.4
    if chance.random() < 0.3:
        making.act(making.moment(day, 7.0, 17.5), who.id, None)
    for case_id in chance.sample(who.cases, min(3, len(who.cases))):
        at = making.moment(day, 0.0, 23.9) if late else making.moment(day, 7.0, 17.5)
        making.act_while_open(at, who, case_id)
        if chance.random() < 0.5:
            making.act_while_open(at + timedelta(minutes=9), who, case_id, "work")


def _look_alikes(making: Making) -> None:
    plain = [one for one in making.staff if not one.overseer]
    for who in plain:
        for _ in range(making.in_a_year(12)):
            _hands_over(making, who)
        for _ in range(making.in_a_year(24)):
            _plans_a_meeting(making, who)
        for _ in range(making.in_a_year(10)):  # mistypes a number, once or twice
            at = making.moment(making.workday())
            for minute in range(making.chance.randrange(1, 3)):
                making.act(at + timedelta(minutes=minute), who.id, None, "refused")
        for _ in range(making.in_a_year(6)):  # stays till seven in the evening
            making.act(making.moment(making.workday(), 17.5, 19.9), who.id, own_case(making, who))
        # Has declared a relation to somebody in a case, and keeps away from it.
        making.relations.add((who.id, open_case(making, surname_of=who)))
    for case_id, case in making.cases.items():
        if case.closed_at is not None:
            workers = [one for one in plain if case_id in one.cases]
            _finishes(making, workers, case_id, case.closed_at)


def _hands_over(making: Making, who: Staff) -> None:
    """Reads themselves in for a handover, on one day, and then perhaps works."""
    chance = making.chance
    case_id = open_case(making, protected=False, surname_of=who)
    at = making.moment(making.workday(high=making.days - 20))
    for minute in range(chance.randrange(1, 5)):
        making.act(at + timedelta(minutes=minute), who.id, case_id)
    if chance.random() < 0.6:
        making.act(at + timedelta(days=2), who.id, case_id, "work")


def _plans_a_meeting(making: Making, who: Staff) -> None:
    """Reads in many of their own cases within the hour, but not in that many."""
    chance = making.chance
    at = making.moment(making.workday(), 8, 16)
    chosen = chance.sample(who.cases, min(chance.randrange(5, 10), len(who.cases)))
    for step, case_id in enumerate(chosen):
        making.act_while_open(at + timedelta(minutes=4 * step), who, case_id)


def _finishes(making: Making, workers: list[Staff], case_id: str, closed_at: datetime) -> None:
    """Ends the file within the month, and later finds it for somebody who has asked for it."""
    for day, worker in ((3, 0), (12, 0), (24, 0), (60, 1)):
        at = (closed_at + timedelta(days=day)).astimezone(SWEDEN).replace(hour=10)
        if at.weekday() < 5 and not is_public_holiday(at.date()):
            making.act(at, workers[worker].id, case_id)
            making.act(at + timedelta(minutes=20), workers[worker].id, case_id, "work")


def _finished(making: Making) -> Year:
    acts = sorted(making.acts, key=lambda one: one[0])
    counts: dict[str, int] = {}
    for case in making.cases.values():
        for surname in case.surnames:
            counts[surname] = counts.get(surname, 0) + 1
    return Year(
        accesses=tuple(_numbered(acts)),
        known=Known(
            cases=making.cases,
            staff_names={one.id: one.name for one in making.staff},
            surname_counts=counts,
            relations=frozenset(making.relations),
            works_nights=frozenset(one.id for one in making.staff if one.nights),
            overseers=frozenset(one.id for one in making.staff if one.overseer),
        ),
        planted=tuple(making.planted),
        by_snoopers=frozenset(n for n, one in enumerate(acts) if one[5]),
    )


def _numbered(
    acts: list[tuple[datetime, str, str | None, Kind, bool, bool]],
) -> Iterator[Access]:
    for n, (at, staff_id, case_id, kind, override, _) in enumerate(acts):
        yield Access(
            n=n,
            at=at.astimezone(UTC),
            staff_id=staff_id,
            case_id=case_id,
            kind=kind,
            override=override,
        )
