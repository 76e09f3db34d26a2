"""Sets of circumstances as boxes, and a complete search for a point in what remains of one.

Circumstances are answers to groups of facts, each group answered in one of a few ways. A box says
for some groups which answers are in it (a bit each) and leaves the rest free. Every rule is a box,
so every question about two sets of rules is: is there a point in this box and outside those?
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

Box = Mapping[int, int]
"""Group number -> the answers that are in it. A group that is not named is free."""


class Outside(NamedTuple):
    """A point must be outside the cube, unless it is in one of the exceptions."""

    cube: Box
    exceptions: tuple[Box, ...] = ()


_SATISFIED = -1


def meet(left: Box, right: Box) -> Box | None:
    """The points of both; None when there are none."""
    out = dict(left)
    for group, answers in right.items():
        both = out.get(group, answers) & answers
        if not both:
            return None
        out[group] = both
    return out


def meet_all(boxes: Iterable[Box]) -> Box | None:
    """The points of all of them."""
    out: Box | None = {}
    for box in boxes:
        out = meet(out, box) if out is not None else None
    return out if out is None or all(out.values()) else None


def within(inner: Box, outer: Box) -> bool:
    """Whether the outer box holds every point of the inner."""
    for group, answers in outer.items():
        if group not in inner or inner[group] & ~answers:
            return False
    return True


def find(box: Box, outside: Sequence[Outside], full: Sequence[int]) -> Box | None:
    """A box of points that satisfy all of `outside`, or None when no point does.

    `full` says for each group all its answers. Complete: it splits the box along the constraint
    that leaves the fewest ways until nothing is left to split.
    """
    left: list[Outside] = []
    fewest = 0
    for limit in outside:
        ways = _count_ways(box, limit, full)
        if ways == _SATISFIED:
            continue
        if not ways:
            return None
        if not left or ways < fewest:
            nearest, fewest = limit, ways
        left.append(limit)
    if not left:
        return box
    for way in _ways_out(box, nearest, full):
        found = find(way, left, full)
        if found is not None:
            return found
    return None


def _count_ways(box: Box, limit: Outside, full: Sequence[int]) -> int:
    """How many parts `_ways_out` would make; `_SATISFIED` where the limit asks nothing more."""
    ways = 0
    for group, answers in limit.cube.items():
        here = box.get(group, full[group])
        if not here & answers:
            return _SATISFIED
        ways += bool(here & ~answers)
    if limit.exceptions:
        if any(within(box, e) for e in limit.exceptions):
            return _SATISFIED
        inside = meet(box, limit.cube)
        ways += sum(not _apart(inside, e) for e in limit.exceptions if inside is not None)
    return ways


def _ways_out(box: Box, limit: Outside, full: Sequence[int]) -> list[Box]:
    """The parts of the box that are outside the cube, and those inside an exception."""
    ways: list[Box] = []
    inside = dict(box)
    for group, answers in limit.cube.items():
        here = inside.get(group, full[group])
        beyond = here & ~answers
        if beyond:
            ways.append({**inside, group: beyond})
        # The parts do not overlap: what comes after is inside the cube in this group.
        inside[group] = here & answers
    ways += [part for e in limit.exceptions if (part := meet(inside, e)) is not None]
    return ways


def least(box: Box, outside: Sequence[Outside], full: Sequence[int]) -> Box | None:
    """The point of the box outside all of them that says least; None when there is no point.

    Answers are ordered with the least said first. Groups that may be answered in any way are left
    out.
    """
    if any(not limit.exceptions and within(box, limit.cube) for limit in outside):
        return None
    plain = _plainest(box, outside)
    if plain is not None:
        return plain
    found = find(box, outside, full)
    return None if found is None else _smallest(box, outside, full, found)


def _plainest(box: Box, outside: Sequence[Outside]) -> Box | None:
    """The earliest answer to everything, if that will do: then no search could say less."""
    asked = {group for limit in outside for group in limit.cube}
    asked |= {group for limit in outside for e in limit.exceptions for group in e}
    point = {group: box.get(group, 1) & -box.get(group, 1) for group in sorted({*box, *asked})}
    if not _satisfies(point, outside):
        return None
    for group in asked - box.keys():
        fewer = {other: answers for other, answers in point.items() if other != group}
        if _satisfies(fewer, outside):
            point = fewer
    return point


def serves(point: Box, box: Box, outside: Sequence[Outside]) -> bool:
    """Whether a point found for something else is in this box and outside all of these."""
    return within(point, box) and _satisfies(point, outside)


def _satisfies(box: Box, outside: Sequence[Outside]) -> bool:
    for limit in outside:
        if not _apart(box, limit.cube) and not any(within(box, e) for e in limit.exceptions):
            return False
    return True


def _apart(left: Box, right: Box) -> bool:
    return any(group in left and not left[group] & answers for group, answers in right.items())


def _smallest(
    box: Box, outside: Sequence[Outside], full: Sequence[int], found: Box
) -> dict[int, int]:
    """The found box with, group by group, the earliest answer that still has a point."""
    point: Box = box
    left = [limit for limit in outside if not _satisfies(point, (limit,))]
    for group in sorted(found):
        for answer in _each(point.get(group, full[group])):
            tried = {**point, group: answer}
            # What was found last is a point of all that has been settled, so it is asked first.
            here = found.get(group, full[group]) & answer
            other = {**found, group: answer} if here else find(tried, left, full)
            if other is not None:
                point, found = tried, other
                break
        left = [limit for limit in left if not _satisfies(point, (limit,))]
    settled = find(point, left, full)
    return {g: a for g, a in (settled or point).items() if a != full[g]}


def _each(mask: int) -> Iterable[int]:
    while mask:
        low = mask & -mask
        yield low
        mask ^= low
