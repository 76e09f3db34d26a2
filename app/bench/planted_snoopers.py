"""The snoopers that are planted in an invented year, one of each kind at a time."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from app.bench.access_making import (
    COMMON,
    FIRST_DAY,
    Making,
    Staff,
    is_workday,
    open_case,
    own_case,
)
from app.domain.legal_day import SWEDEN
from app.signals.access import KnownCase

RARE = 3
"""In so many cases a surname is not rare any more, so that to share it tells nothing."""


def plant_each(making: Making) -> None:
    """One snooper of each kind but one."""
    chance = making.chance
    plain = [one for one in making.staff if not one.overseer]
    who, day = chance.choice(plain), making.workday(high=making.days - 20)
    making.plant("emergency", who, [(making.moment(day), open_case(making, surname_of=who))])

    who, day = chance.choice(plain), making.workday(high=making.days - 30)
    case_id = open_case(making, protected=False, surname_of=who)
    later = {making.workday(day + 1, day + 29) for _ in range(chance.randrange(1, 5))}
    days = [day, *sorted(later)]
    making.plant("outside_usual_work", who, [(making.moment(each), case_id) for each in days])
    _plant_slow(making, plain)

    who, other = chance.sample(plain, 2)
    case_id = f"case-colleague-{len(making.cases)}"
    making.cases[case_id] = KnownCase(
        names=frozenset({other.name}), surnames=frozenset({other.surname})
    )
    making.plant("colleague", who, [(making.moment(making.workday()), case_id)])

    who = chance.choice(plain)
    case_id = open_case(making, surname_of=who)
    making.relations.add((who.id, case_id))
    start = making.moment(making.workday())
    making.plant("declared_relation", who, [(start, case_id)])

    who, start = chance.choice(plain), making.moment(making.workday(), 9, 15)
    many = chance.sample(sorted(making.cases), chance.randrange(14, 26))
    making.plant(
        "many_cases",
        who,
        [(start + timedelta(minutes=1.1 * step), one) for step, one in enumerate(many)],
    )

    _plant_outside_schedule(making, plain)
    _plant_after_closing(making, plain)

    who = chance.choice(plain)
    case_id = open_case(making, protected=True, surname_of=who)
    making.plant("protected", who, [(making.moment(making.workday()), case_id)])

    who, start = chance.choice(plain), making.moment(making.workday(), 9, 15)
    tries = chance.randrange(6, 14)
    steps = [start + timedelta(minutes=chance.uniform(1, 5) * step) for step in range(tries)]
    making.plant("repeated_refusals", who, [(at, None) for at in steps])


def plant_rare_surname(making: Making) -> None:
    """After all else, so that no later case makes a surname less rare than it was."""
    plain = [one for one in making.staff if not one.overseer]
    borne = Counter(name for case in making.cases.values() for name in case.surnames)
    rare = [one for one in plain if one.surname not in COMMON and borne[one.surname] < RARE]
    if not rare:
        return
    who = making.chance.choice(rare)
    surname = who.surname
    case_id = f"case-surname-{len(making.cases)}"
    making.cases[case_id] = KnownCase(
        names=frozenset({f"släkting {surname}"}), surnames=frozenset({surname})
    )
    making.plant("rare_surname", who, [(making.moment(making.workday()), case_id)])


def plant_access_differs(making: Making) -> None:
    """After all else too: somebody whose place in a team was written into the database by hand."""
    who = making.chance.choice([one for one in making.staff if not one.overseer])
    at = making.moment(making.workday(), 9, 15)
    making.plant("access_differs", who, [(at, open_case(making, surname_of=who))])


def _plant_slow(making: Making, plain: list[Staff]) -> None:
    """One case a week that is not theirs, or nearly, and never the same."""
    chance = making.chance
    who, day = chance.choice(plain), making.workday(high=making.days - 70)
    times: list[tuple[datetime, str | None]] = []
    for week in range(chance.randrange(7, 10)):
        low = day + 7 * week
        case_id = open_case(making, protected=False, surname_of=who)
        times.append((making.moment(making.workday(low, low + 5)), case_id))
    making.plant("many_unworked", who, times)


def _plant_outside_schedule(making: Making, plain: list[Staff]) -> None:
    """Late in the evening or on a day off, in a case of theirs or in what has come in."""
    chance = making.chance
    who = chance.choice([one for one in plain if not one.nights])
    days_off = [day for day in range(making.days) if not is_workday(day)]
    late = (making.workday(), 21.0, 23.99), (chance.choice(days_off), 9.0, 15.0)
    at = making.moment(*chance.choice(late))
    making.plant("outside_schedule", who, [(at, chance.choice((None, own_case(making, who))))])


def _plant_after_closing(making: Making, plain: list[Staff]) -> None:
    """By one who worked in it, after more than a month; by one who did not, at any time."""
    chance = making.chance
    limit = FIRST_DAY + timedelta(days=making.days - 50)
    closed = [
        (one, case.closed_at)
        for one, case in making.cases.items()
        if case.closed_at is not None and case.closed_at < limit
    ]
    if closed:
        case_id, closed_at = chance.choice(closed)
        who = chance.choice(plain)
        first = 33 if case_id in who.cases else 2
        at = (closed_at + timedelta(days=chance.randrange(first, 50))).astimezone(SWEDEN)
        making.plant("after_closing", who, [(at.replace(hour=13), case_id)])
