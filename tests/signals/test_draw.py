"""The draw for a round: from seed and log alone, and likelier where there is more risk."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from app.signals import Access
from app.signals.draw import BY_CHANCE, BY_RISK, draw, groups_in

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SINCE, UNTIL = MONDAY - timedelta(days=1), MONDAY + timedelta(days=30)


def _access(n: int, *, staff: str, case: str | None, at: datetime, kind: str = "read") -> Access:
    return Access(n=n, at=at, staff_id=staff, case_id=case, kind=kind)


def _month(*, workers: int = 40) -> list[Access]:
    """Each of the staff works in a case of their own, and one of them reads in another's."""
    found: list[Access] = []
    for day in range(20):
        at = MONDAY + timedelta(days=day)
        for worker in range(workers):
            for kind in ("read", "work"):
                found.append(
                    _access(len(found), staff=f"s{worker}", case=f"c{worker}", at=at, kind=kind)
                )
    return found


def test_a_seed_draws_the_same_again_and_another_seed_something_else() -> None:
    accesses = _month()
    one = draw(b"one", accesses, since=SINCE, until=UNTIL)
    assert one == draw(b"one", list(accesses), since=SINCE, until=UNTIL)
    assert one != draw(b"two", accesses, since=SINCE, until=UNTIL)


def test_the_day_is_one_of_those_with_work_and_every_day_can_be_drawn() -> None:
    accesses = _month(workers=2)
    days = Counter(draw(bytes([n]), accesses, since=SINCE, until=UNTIL).day for n in range(200))
    assert len(days) == 20


def test_the_sample_of_the_day_is_of_that_day_and_the_other_holds_none_of_it() -> None:
    found = draw(b"seed", _month(), since=SINCE, until=UNTIL)
    assert len(found.chance) == BY_CHANCE
    assert {one.day for one in found.chance} == {found.day}
    assert len(found.risk) == BY_RISK
    assert not set(found.risk) & set(found.chance)


def test_one_who_reads_where_they_do_not_work_is_drawn_more_often_than_chance_would() -> None:
    accesses = _month()
    curious = _access(len(accesses), staff="s1", case="c2", at=MONDAY + timedelta(days=3))
    accesses.append(curious)
    groups = groups_in(accesses, since=SINCE, until=UNTIL)
    group = next(one for one in groups if one.first == curious)
    assert group.weight > 1
    seeds = [sha256(bytes([n])).digest() for n in range(200)] + [bytes([n]) * 2 for n in range(200)]
    hits = sum(group in draw(seed, accesses, since=SINCE, until=UNTIL).risk for seed in seeds)
    even = BY_RISK / len(groups) * len(seeds)
    assert hits > 2 * even


def test_time_outside_the_round_is_not_drawn_from_but_tells_who_works_in_a_case() -> None:
    before = _access(0, staff="s1", case="c1", at=SINCE - timedelta(days=5), kind="work")
    within = _access(1, staff="s1", case="c1", at=MONDAY)
    (group,) = groups_in([before, within], since=SINCE, until=UNTIL)
    assert (group.first, group.weight) == (within, 1)
    (alone,) = groups_in([within], since=SINCE, until=UNTIL)
    assert alone.weight > 1


def test_nothing_done_draws_nothing() -> None:
    refused = _access(0, staff="s1", case="c1", at=MONDAY, kind="refused")
    found = draw(b"seed", [refused], since=SINCE, until=UNTIL)
    assert (found.day, found.chance, found.risk, found.groups) == (None, (), (), 0)


def test_what_is_read_before_it_lies_in_a_case_can_be_drawn_and_is_no_curiosity_in_itself() -> None:
    opened = [_access(n, staff="s1", case=None, at=MONDAY) for n in range(2)]
    [group] = groups_in(opened, since=SINCE, until=UNTIL)
    assert (group.case_id, group.count, group.weight) == (None, 2, 1)


def test_what_is_refused_or_done_in_no_case_is_no_group() -> None:
    refused = _access(0, staff="s1", case=None, at=MONDAY, kind="refused")
    assert groups_in([refused], since=SINCE, until=UNTIL) == ()
