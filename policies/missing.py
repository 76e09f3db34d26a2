"""The steps that remain: every minimal set of answers and acts that would make it lawful.

Exact. Each requirement is a list of alternatives, each alternative a set of literals (a condition
that becomes yes, or no); the sets are the unions that take one alternative of each. Steps can only
help (the loader checks polarity), so nothing is lost by looking at what is unmet now.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from policies.cover import Cover
from policies.facts import Facts
from policies.place import Place, sum_of
from policies.snapshot import Bar, Row, Snapshot
from policies.unknowns import Unknowns

MAX_SETS = 64
"""More alternatives than anyone reads. The decision says when some were left out."""
_MAX_WORK = 4096

_SETTLED_CONSENT = frozenset({"given", "refused", "withdrawn"})


class Literals(NamedTuple):
    """Conditions that are to become yes, and to become no."""

    pos: int
    neg: int

    def within(self, other: Literals) -> bool:
        """Whether it asks no more than the other."""
        return not (self.pos & ~other.pos or self.neg & ~other.neg)

    def size(self) -> int:
        """How many literals."""
        return self.pos.bit_count() + self.neg.bit_count()


class Sets(NamedTuple):
    """The minimal sets, smallest first."""

    sets: tuple[Literals, ...]
    truncated: bool
    asked: int
    """Conditions that some set asks, also of those left out: no other can make it lawful."""
    granted: int
    """Conditions that are yes once some set is answered, with what follows from the answers."""


class Search(NamedTuple):
    """What can change, in one question."""

    place: Place
    cover: Cover
    yes: int
    maybe: int
    unknowns: Unknowns
    steps: int
    """Step conditions that someone can still take."""

    def hold(self, need: int, none: int) -> list[Literals]:
        """How `need` can become yes and `none` no: one way, or no way."""
        pos, neg = need & ~self.yes, none & self.maybe
        if pos & ~(self.steps | self.unknowns.can_yes) or neg & ~self.unknowns.can_no:
            return []
        return [Literals(pos, neg)]

    def lift(self, bar: Bar) -> list[Literals]:
        """How a strike or stop that fires can be lifted."""
        return self._undo(bar.need, bar.cures)

    def drop(self, row: Row) -> list[Literals]:
        """How a row that may apply can turn out not to."""
        return self._undo(row.need, row.none)

    def _undo(self, need: int, cures: int) -> list[Literals]:
        ways = [Literals(0, bit) for bit in _each(need & self.unknowns.can_no)]
        ways += [Literals(bit, 0) for bit in _each(cures & (self.steps | self.unknowns.can_yes))]
        return ways


def _each(mask: int) -> Iterable[int]:
    while mask:
        low = mask & -mask
        yield low
        mask ^= low


def steps_left(
    snapshot: Snapshot, facts: Facts, yes: int, maybe: int, *, without_consent: bool
) -> int:
    """Step conditions that can still be taken: not taken, and not settled by a no.

    A recorded no, a refused or withdrawn consent and a refused approval are settled, so they are
    never suggested again. Where a duty's facts match, consent is not asked for at all.
    Law: OSL 10 kap. 28 §, 12 kap. 2 §
    """
    left = snapshot.mask_of("statement") & maybe | snapshot.mask_of("request")
    for bit, name in snapshot.approvals:
        # Also where somebody else would decide now: another can take over, unless that is refused.
        if facts.approvals.get(name) != "no":
            left |= bit
    if not without_consent:
        person = facts.person
        for bit, fact in snapshot.consents:
            of_guardian = fact == "consent.guardian"
            state = person.guardian_consent if of_guardian else person.subject_consent
            if state not in _SETTLED_CONSENT:
                left |= bit
    return left & ~yes


def minimal_sets(search: Search) -> Sets:
    """Every weakest set of literals after which nothing stops it and all is covered."""
    requirements = list(_requirements(search))
    found = [Literals(0, 0)]
    truncated = False
    for ways in sorted(requirements, key=len):
        found, cut = _combine(found, ways, search.unknowns)
        truncated = truncated or cut
    weakest = _weakest(found, search.unknowns)
    # Of unions that were too many to make, nothing is known but what they are made of.
    parts = [way for ways in requirements for way in ways] if truncated else weakest
    asked = granted = 0
    for pos, neg in parts:
        asked |= pos | neg
        granted |= pos
    if asked & search.unknowns.conditions:
        for pos, neg in parts:
            granted |= search.unknowns.consequence(pos, neg)[0]
    cut = truncated or len(weakest) > MAX_SETS
    return Sets(tuple(weakest[:MAX_SETS]), cut, asked, granted)


def _requirements(search: Search) -> Iterable[list[Literals]]:
    place, cover = search.place, search.cover
    for stop in cover.stops:
        yield search.lift(stop)
    if place.unknown_own:
        yield []
    if not cover.settled:
        naming = [row for row in place.rows if row.settles]
        yield [way for row in naming for way in search.hold(row.need, row.none)]
    for secrecy in _each(cover.applicable & ~cover.opened):
        yield _ways_to_open(search, secrecy) + _ways_to_drop(search, secrecy)


def _ways_to_open(search: Search, secrecy: int) -> list[Literals]:
    ways: list[Literals] = []
    never_yes = ~(search.yes | search.steps | search.unknowns.can_yes)
    never_no = search.maybe & ~search.unknowns.can_no
    for need, none, strikes in search.cover.reach.openers(secrecy):
        if need & never_yes or none & never_no:
            continue
        here = [Literals(need & ~search.yes, none & search.maybe)]
        for strike in strikes:
            here, _ = _combine(here, search.lift(strike), search.unknowns)
        ways += here
    return ways


def _ways_to_drop(search: Search, secrecy: int) -> list[Literals]:
    if search.place.own & secrecy:
        return []
    ways = [Literals(0, 0)]
    for row in search.place.rows_in_use(search.cover.rows).rows:
        if row.secrecy & secrecy:
            ways, _ = _combine(ways, search.drop(row), search.unknowns)
    return ways


def _combine(
    left: list[Literals], right: list[Literals], unknowns: Unknowns
) -> tuple[list[Literals], bool]:
    """All unions that can be answered so, smallest first; none that asks more than another."""
    unions = {(a[0] | b[0], a[1] | b[1]) for a in left for b in right}
    conditions = unknowns.conditions
    sized = [
        (pos.bit_count() + neg.bit_count(), pos, neg)
        for pos, neg in unions
        if not pos & neg and (not (pos | neg) & conditions or unknowns.consistent(pos, neg))
    ]
    sized.sort()
    kept: list[Literals] = []
    for _, pos, neg in sized:
        for one, other in kept:
            if not (one & ~pos or other & ~neg):
                break
        else:
            kept.append(Literals(pos, neg))
    return kept[:_MAX_WORK], len(kept) > _MAX_WORK


def _weakest(found: list[Literals], unknowns: Unknowns) -> list[Literals]:
    """Without the sets whose answers imply all that another set's answers imply, smallest first."""
    if not sum_of(pos | neg for pos, neg in found) & unknowns.conditions:
        # Nothing in them implies anything else, and each already asks no more than another.
        return found
    known = {u: Literals(*unknowns.consequence(u.pos, u.neg)) for u in found}
    kept: dict[Literals, Literals] = {}
    for union in sorted(found, key=lambda u: (known[u].size(), u.size(), u.pos, u.neg)):
        if not any(other.within(known[union]) for other in kept):
            kept[known[union]] = _shortest(union, known[union], unknowns)
    return sorted(kept.values(), key=lambda u: (u.size(), u.pos, u.neg))


def _shortest(union: Literals, consequence: Literals, unknowns: Unknowns) -> Literals:
    """The same answer with no literal that the others imply."""
    for bit in _each(union.neg):
        fewer = Literals(union.pos, union.neg & ~bit)
        if unknowns.consequence(fewer.pos, fewer.neg) == consequence:
            union = fewer
    for bit in _each(union.pos):
        fewer = Literals(union.pos & ~bit, union.neg)
        if unknowns.consequence(fewer.pos, fewer.neg) == consequence:
            union = fewer
    return union
