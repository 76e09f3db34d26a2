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
    return all(group in inner and not inner[group] & ~answers for group, answers in outer.items())


def find(box: Box, outside: Sequence[Outside], full: Sequence[int]) -> Box | None:
    """A box of points that satisfy all of `outside`, or None when no point does.

    `full` says for each group all its answers. Complete: it splits the box along the constraint
    that leaves the fewest ways until nothing is left to split.
    """
    open_: list[tuple[Outside, list[Box]]] = []
    fewest: list[Box] | None = None
    for limit in outside:
        if _apart(box, limit.cube) or any(within(box, e) for e in limit.exceptions):
            continue
        ways = _ways_out(box, limit, full)
        if not ways:
            return None
        open_.append((limit, ways))
        if fewest is None or len(ways) < len(fewest):
            fewest = ways
    if fewest is None:
        return box
    left = [limit for limit, _ in open_]
    for way in fewest:
        found = find(way, left, full)
        if found is not None:
            return found
    return None


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
    return all(
        _apart(box, limit.cube) or any(within(box, e) for e in limit.exceptions)
        for limit in outside
    )


def _apart(left: Box, right: Box) -> bool:
    return any(group in left and not left[group] & right[group] for group in right)


def _smallest(
    box: Box, outside: Sequence[Outside], full: Sequence[int], found: Box
) -> dict[int, int]:
    """The found box with, group by group, the earliest answer that still has a point."""
    point: Box = box
    for group in sorted(found):
        for answer in _each(point.get(group, full[group])):
            tried = {**point, group: answer}
            if find(tried, outside, full) is not None:
                point = tried
                break
    settled = find(point, outside, full)
    return {g: a for g, a in (settled or point).items() if a != full[g]}


def _each(mask: int) -> Iterable[int]:
    while mask:
        low = mask & -mask
        yield low
        mask ^= low
