"""The detectors. Each is a function from accesses in order to signals; thresholds stand at the top.

Measured by `sluss bench --signals`: thresholds were set on the development seeds of
`app.bench.access_year` and have not been changed since the held-out seeds were first run.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from app.domain.legal_day import SWEDEN
from app.domain.public_holiday import is_public_holiday
from app.signals.access import Access, Known, Signal, SignalKind

WORK_BEFORE = timedelta(days=60)
WORK_AFTER = timedelta(days=14)
"""An access belongs to work if its reader did something in the case this close to it."""
READ_DAYS = 2
READS_WITHIN = timedelta(days=60)
UNWORKED = 6
"""So many cases within `READS_WITHIN` that somebody reads and does nothing else in."""
MANY_CASES = 12
MANY_WITHIN = timedelta(minutes=30)
FIRST_HOUR, LAST_HOUR = 6, 20
"""Office hours with margin; from the first hour up to the last."""
AFTER_CLOSING = timedelta(days=30)
"""So long one who worked in a case may be finishing it."""
REFUSALS = 5
REFUSALS_WITHIN = timedelta(minutes=60)
REFUSALS_WEEK = 8
WEEK = timedelta(days=7)
RARE = 3
"""A surname in at most so many of the organisation's cases is rare there."""
EMERGENCY_LASTS = timedelta(hours=4)

_COMMON = """
andersson johansson karlsson nilsson eriksson larsson olsson persson svensson
gustafsson pettersson jonsson jansson hansson bengtsson jönsson lindberg
jakobsson magnusson lindström olofsson lindqvist lindgren berg axelsson
bergström lundberg lind lundgren lundqvist mattsson berglund fredriksson
sandberg henriksson forsberg ali sjöberg wallin mohamed engström eklund
danielsson lundin håkansson björk bergman gunnarsson wikström holm
"""
COMMON_SURNAMES = frozenset(_COMMON.split())
"""Fifty of the commonest in Sweden, never rare however few cases an organisation has."""


class _Trail:
    """The accesses by staff and case, for asking what somebody did near a moment."""

    def __init__(self, accesses: Sequence[Access]) -> None:
        self._work: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        for one in accesses:
            if one.kind == "work" and one.case_id:
                self._work[one.staff_id, one.case_id].append(one.at)

    def works_in(self, access: Access, *, before: timedelta, after: timedelta) -> bool:
        """Whether the reader did something else than reading in the case, near that moment."""
        times = self._work.get((access.staff_id, access.case_id or ""), [])
        low, high = bisect_left(times, access.at - before), bisect_right(times, access.at + after)
        return high > low

    def only_reads(self, access: Access) -> bool:
        """Whether the reader reads and does nothing else in the case."""
        return not self.works_in(access, before=WORK_BEFORE, after=WORK_AFTER)


def _emergency(accesses: Sequence[Access], _known: Known, _trail: _Trail) -> Iterator[Signal]:
    last: dict[tuple[str, str], datetime] = {}
    for one in accesses:
        if not one.override or one.case_id is None:
            continue
        key = (one.staff_id, one.case_id)
        if key not in last or one.at - last[key] >= EMERGENCY_LASTS:
            last[key] = one.at
            yield _signal("emergency", one)


def _access_differs(accesses: Sequence[Access], _known: Known, _trail: _Trail) -> Iterator[Signal]:
    return (_signal("access_differs", one) for one in accesses if one.kind == "unlike")


def _outside_usual_work(
    accesses: Sequence[Access], known: Known, trail: _Trail
) -> Iterator[Signal]:
    days: dict[tuple[str, str], dict[date, datetime]] = defaultdict(dict)
    for one in _reads(accesses):
        if one.staff_id in known.overseers or one.override or not trail.only_reads(one):
            continue
        last_on = days[one.staff_id, one.case_id or ""]
        last_on[one.at.astimezone(SWEDEN).date()] = one.at
        recent = sum(one.at - at <= READS_WITHIN for at in last_on.values())
        if recent >= READ_DAYS:
            yield _signal("outside_usual_work", one, count=recent)


def _many_unworked(accesses: Sequence[Access], known: Known, trail: _Trail) -> Iterator[Signal]:
    """One case a week is enough, because it is the sum that no task explains."""
    recent: dict[str, dict[str, datetime]] = defaultdict(dict)
    for one in _reads(accesses):
        if one.staff_id in known.overseers or one.override or not trail.only_reads(one):
            continue
        seen = recent[one.staff_id]
        cases = {case: at for case, at in seen.items() if one.at - at <= READS_WITHIN}
        one_more = one.case_id not in cases
        recent[one.staff_id] = cases | {one.case_id or "": one.at}
        if one_more and len(recent[one.staff_id]) >= UNWORKED:
            yield _signal("many_unworked", one, whole=True, count=len(cases) + 1)


def _colleague(accesses: Sequence[Access], known: Known, trail: _Trail) -> Iterator[Signal]:
    names = frozenset(known.staff_names.values())
    for one in _reads(accesses):
        case = known.cases.get(one.case_id or "")
        if case is None or not case.names & names:
            continue
        if trail.only_reads(one) or known.staff_names.get(one.staff_id, "") in case.names:
            yield _signal("colleague", one)


def _declared(accesses: Sequence[Access], known: Known, _trail: _Trail) -> Iterator[Signal]:
    for one in accesses:
        pair = (one.staff_id, one.case_id or "")
        times = known.declared.get(pair, ())
        then = any(since <= one.at and (end is None or one.at < end) for since, end in times)
        if one.kind not in ("refused", "unlike") and (then or pair in known.relations):
            yield _signal("declared_relation", one)


def _rare_surname(accesses: Sequence[Access], known: Known, _trail: _Trail) -> Iterator[Signal]:
    for one in _reads(accesses):
        name = known.staff_names.get(one.staff_id, "")
        surname = name.rpartition(" ")[2]
        case = known.cases.get(one.case_id or "")
        rare = surname not in COMMON_SURNAMES and known.surname_counts.get(surname, 0) <= RARE
        if case is not None and surname in case.surnames and rare:
            yield _signal("rare_surname", one)


def _many_cases(accesses: Sequence[Access], known: Known, trail: _Trail) -> Iterator[Signal]:
    recent: dict[str, deque[Access]] = defaultdict(deque)
    for one in _reads(accesses):
        # Whoever registers many cases, or writes in them, sees each of them on the way.
        at_work = trail.works_in(one, before=MANY_WITHIN, after=MANY_WITHIN)
        if one.staff_id in known.overseers or at_work:
            continue
        window = recent[one.staff_id]
        window.append(one)
        while one.at - window[0].at > MANY_WITHIN:
            window.popleft()
        cases = len({each.case_id for each in window})
        if cases >= MANY_CASES:
            yield _signal("many_cases", one, whole=True, count=cases)


def _outside_schedule(accesses: Sequence[Access], known: Known, _trail: _Trail) -> Iterator[Signal]:
    for one in accesses:
        # Also what has come in from others and is in no case yet.
        if one.kind == "read" and not in_office(one.at) and not _at_work(one, known):
            yield _signal("outside_schedule", one)


def _at_work(access: Access, known: Known) -> bool:
    """Whether the reader has a schedule that no office hours bound, on that day."""
    day = access.at.astimezone(SWEDEN).date()
    return access.staff_id in known.works_nights or any(
        first <= day and (last is None or day <= last)
        for first, last in known.on_call.get(access.staff_id, ())
    )


def in_office(at: datetime) -> bool:
    """Whether those without a schedule of their own work then."""
    local = at.astimezone(SWEDEN)
    open_day = local.weekday() < 5 and not is_public_holiday(local.date())
    return open_day and FIRST_HOUR <= local.hour < LAST_HOUR


def _after_closing(accesses: Sequence[Access], known: Known, trail: _Trail) -> Iterator[Signal]:
    day = timedelta(days=1)
    for one in _reads(accesses):
        case = known.cases.get(one.case_id or "")
        closed = case.closed_at if case else None
        if closed is None or one.at <= closed or trail.works_in(one, before=day, after=day):
            continue
        finishing = one.at - closed <= AFTER_CLOSING and not trail.only_reads(one)
        if not finishing:
            yield _signal("after_closing", one)


def _protected(accesses: Sequence[Access], known: Known, trail: _Trail) -> Iterator[Signal]:
    for one in _reads(accesses):
        case = known.cases.get(one.case_id or "")
        overseer = one.staff_id in known.overseers
        if case is not None and case.protected and not overseer and trail.only_reads(one):
            yield _signal("protected", one)


def _repeated_refusals(
    accesses: Sequence[Access], _known: Known, _trail: _Trail
) -> Iterator[Signal]:
    recent: dict[str, deque[Access]] = defaultdict(deque)
    for one in accesses:
        if one.kind != "refused":
            continue
        window = recent[one.staff_id]
        window.append(one)
        while one.at - window[0].at > WEEK:
            window.popleft()
        within = sum(one.at - each.at <= REFUSALS_WITHIN for each in window)
        if within >= REFUSALS or len(window) >= REFUSALS_WEEK:
            yield _signal("repeated_refusals", one, whole=True, count=max(within, len(window)))


Detector = Callable[[Sequence[Access], Known, _Trail], Iterator[Signal]]
DETECTORS: Mapping[SignalKind, Detector] = {
    "emergency": _emergency,
    "access_differs": _access_differs,
    "outside_usual_work": _outside_usual_work,
    "many_unworked": _many_unworked,
    "colleague": _colleague,
    "declared_relation": _declared,
    "rare_surname": _rare_surname,
    "many_cases": _many_cases,
    "outside_schedule": _outside_schedule,
    "after_closing": _after_closing,
    "protected": _protected,
    "repeated_refusals": _repeated_refusals,
}


def detect(accesses: Sequence[Access], known: Known) -> tuple[Signal, ...]:
    """Every signal in accesses ordered by time: one a kind, person, case and day in Sweden."""
    trail = _Trail(accesses)
    found = (one for detector in DETECTORS.values() for one in detector(accesses, known, trail))
    return tuple(_once(found))


def _once(signals: Iterable[Signal]) -> Iterator[Signal]:
    """The first of each, with the highest number that its sentence has to tell."""
    told: dict[tuple[object, ...], Signal] = {}
    for one in signals:
        key = (one.kind, one.staff_id, one.case_id, one.at.astimezone(SWEDEN).date())
        first = told.get(key, one)
        told[key] = replace(first, count=max(first.count, one.count))
    yield from told.values()


def _reads(accesses: Sequence[Access]) -> Iterator[Access]:
    return (one for one in accesses if one.kind == "read" and one.case_id is not None)


def _signal(kind: SignalKind, access: Access, *, whole: bool = False, count: int = 1) -> Signal:
    """`whole` where the signal is about the person's doings and not about one case."""
    return Signal(
        kind=kind,
        staff_id=access.staff_id,
        case_id=None if whole else access.case_id,
        at=access.at,
        n=access.n,
        count=count,
    )
