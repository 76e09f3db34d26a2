"""What is drawn for a round of loggkontroll, from a seed and the log alone.

One person's acts in one case on one day are one group. A day is drawn by chance and some of its
groups with it; others are drawn from the whole time, and those that look more like curiosity than
like work are more likely to be. Nothing here depends on names, teams or clocks, so that the same
seed and the same log always give the same draw.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from app.domain.legal_day import SWEDEN
from app.signals.access import Access
from app.signals.detect import in_office

BY_CHANCE = 10
BY_RISK = 10
MANY = 10
"""So many acts in one case on one day make a group likelier to be drawn."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """One person's acts in one case on one day in Sweden."""

    staff_id: str
    case_id: str | None
    """None for what had come in and was in no case yet."""
    day: date
    first: Access
    count: int
    weight: int
    """How many lots it has in the draw by risk, at least 1."""


@dataclass(frozen=True, kw_only=True)
class Draw:
    """What the seed drew."""

    day: date | None
    chance: tuple[Group, ...]
    risk: tuple[Group, ...]
    groups: int


def draw(seed: bytes, accesses: Sequence[Access], *, since: datetime, until: datetime) -> Draw:
    """A day and two samples. `accesses` reach further back, to tell who works in a case."""
    groups = groups_in(accesses, since=since, until=until)
    days = sorted({one.day for one in groups})
    if not days:
        return Draw(day=None, chance=(), risk=(), groups=0)
    day = days[_number(seed, "day") % len(days)]
    of_the_day = [one for one in groups if one.day == day]
    of_the_day.sort(key=lambda one: _number(seed, "chance", one.first.n))
    chance = tuple(of_the_day[:BY_CHANCE])
    others = [one for one in groups if one not in chance]
    others.sort(key=lambda one: _best_lot(seed, one), reverse=True)
    return Draw(day=day, chance=chance, risk=tuple(others[:BY_RISK]), groups=len(groups))


def groups_in(accesses: Sequence[Access], *, since: datetime, until: datetime) -> tuple[Group, ...]:
    """The groups of the time, in the order of the log."""
    works = {(one.staff_id, one.case_id) for one in accesses if one.kind == "work"}
    found: dict[tuple[str, str | None, date], list[Access]] = defaultdict(list)
    for one in accesses:
        if one.kind not in ("read", "work") or not since <= one.at < until:
            continue
        found[one.staff_id, one.case_id, one.at.astimezone(SWEDEN).date()].append(one)
    groups = [
        Group(
            staff_id=staff_id,
            case_id=case_id,
            day=day,
            first=acts[0],
            count=len(acts),
            # To open what has come in is work, and leaves nothing else behind in a case.
            weight=_weight(
                acts, reads_only=case_id is not None and (staff_id, case_id) not in works
            ),
        )
        for (staff_id, case_id, day), acts in found.items()
    ]
    return tuple(sorted(groups, key=lambda one: one.first.n))


def _weight(acts: Sequence[Access], *, reads_only: bool) -> int:
    outside = any(not in_office(one.at) for one in acts)
    by_emergency = any(one.override for one in acts)
    return 1 + 3 * reads_only + 2 * outside + 2 * by_emergency + 2 * (len(acts) >= MANY)


def _best_lot(seed: bytes, group: Group) -> int:
    """The highest of as many lots as the group has: twice the lots, twice as likely to be first."""
    return max(_number(seed, "risk", group.first.n, lot) for lot in range(group.weight))


def _number(seed: bytes, *words: str | int) -> int:
    told = "\n".join(("sluss round", *_texts(words))).encode()
    return int.from_bytes(sha256(seed + told).digest())


def _texts(words: Iterable[str | int]) -> Iterable[str]:
    return (str(word) for word in words)
