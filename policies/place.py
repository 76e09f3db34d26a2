"""What lies between one kind of sender and one kind of recipient for a category of information.

Nothing here depends on what has been answered. What follows from which secrecy rules apply, and
from which strikes stand in the way, is worked out once for each such pair of circumstances.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, cast

from policies.decision import FiredRule, Near, Secrecy
from policies.facts import Facts
from policies.keeping import kept
from policies.snapshot import Bar, Cell, Ground, Row, Snapshot, each_number
from policies.told import fired_rule, not_secret


class Candidate(NamedTuple):
    """A ground that could open something of what applies."""

    number: int
    need: int
    none: int
    struck_by: tuple[str, ...]


class Opener(NamedTuple):
    """A way to open one secrecy rule: a ground, and the strikes to lift for it."""

    need: int
    none: int
    strikes: tuple[Bar, ...]


class Reach:
    """What the grounds of a cell can open, when these secrecy rules apply and these strikes fire.

    Law: OSL 6 kap. 5 §, 7 kap. 3 §, 10 kap. 28 §
    """

    def __init__(self, cell: Cell, applicable: int, numbers: int, *, not_secret: bool) -> None:
        grounds = cell.grounds
        strikes = tuple(cell.strikes[n] for n in each_number(numbers))
        closed = [0 for _ in grounds]
        for bar in strikes:
            for n in each_number(bar.hits):
                closed[n] |= bar.secrecy
        self.strikes = strikes
        self.lifted_by = tuple(
            (1 << n, cell.strikes[n].need, cell.strikes[n].cures) for n in each_number(numbers)
        )
        """The strikes that fire: their bits among those of the cell, with what has to be no, or
        yes, for each to fall."""
        self.opens = tuple(g.opens & applicable & ~closed[n] for n, g in enumerate(grounds))
        """Per ground: what it would open of what applies, once its conditions hold."""
        self.not_secret = not_secret
        tells_all = [not_secret and g.duty and not g.opens for g in grounds]
        self.reaches = tuple(
            applicable if tells_all[n] else opens for n, opens in enumerate(self.opens)
        )
        """Per ground: what of what applies it is about. A duty to tell what is not secret opens
        nothing, and is about all of an item that harm tests have found not to be secret."""
        in_the_way = [
            (bar, [n for n in each_number(bar.hits) if _rules_out(bar, grounds[n], applicable)])
            for bar in strikes
        ]
        self.strikes_told = tuple(_strikes_told(grounds, applicable, in_the_way))
        self.candidates = tuple(_candidates(grounds, applicable, in_the_way, tells_all))
        firm = [bar for bar, ruled_out in in_the_way if ruled_out]
        self.asked_by_strikes = sum_of(bar.need | bar.cures for bar in firm)
        self.cautions = frozenset(name for bar in firm for name in bar.rule.cautions)
        self.apart = any(bar.rule.separate_channel and bar.secrecy & applicable for bar in strikes)
        """Whether something goes by a separate channel."""
        # A duty to tell what is not secret opens nothing, so "opens nothing" is not "struck".
        struck_out = [bool(g.opens) and not g.opens & ~closed[n] for n, g in enumerate(grounds)]
        self.in_play = {
            one.number: one
            for one in self.candidates
            if self.reaches[one.number] or (not applicable and not struck_out[one.number])
        }
        """The candidates that the strikes leave something, by number."""
        self.duties = tuple([one for n, one in self.in_play.items() if grounds[n].duty])
        """Those of them that are duties."""
        self.asked = sum_of(one.need | one.none for one in self.candidates)
        """The conditions of what could open something."""
        self._near: dict[tuple[int, int], tuple[Near, ...]] = {}
        self._openers: dict[int, tuple[Opener, ...]] = {}
        self._grounds = grounds

    def near(self, snapshot: Snapshot, yes: int, maybe: int) -> tuple[Near, ...]:
        """The grounds that did not fire and why, those that lack the least first."""
        found = self._near.get((yes, maybe))
        if found is None:
            told = sorted(self._tell_near(snapshot, yes, maybe))
            found = kept(self._near, (yes, maybe), tuple([near for _, _, near in told]))
        return found

    def _tell_near(
        self, snapshot: Snapshot, yes: int, maybe: int
    ) -> Iterator[tuple[int, int, Near]]:
        for n, need, none, struck_by in self.candidates:
            unmet, offending = need & ~yes, none & maybe
            if unmet or offending or (struck_by and not self.opens[n]):
                names = tuple(c.name for c in snapshot.named(unmet))
                names += tuple(f"not:{c.name}" for c in snapshot.named(offending))
                told = Near(id=self._grounds[n].rule.id, unmet=names, struck_by=struck_by)
                yield len(names) + len(struck_by), n, told

    def openers(self, secrecy: int) -> tuple[Opener, ...]:
        """The grounds that could open one secrecy rule."""
        found = self._openers.get(secrecy)
        if found is None:
            found = self._openers[secrecy] = tuple(
                Opener(
                    ground.need,
                    ground.none,
                    tuple(b for b in self.strikes if b.hits >> n & 1 and b.secrecy & secrecy),
                )
                for n, ground in enumerate(self._grounds)
                if ground.opens & secrecy
            )
        return found


class RowsInUse:
    """The rows of the secrecy table that apply, or may."""

    def __init__(self, rows: tuple[Row, ...]) -> None:
        self.rows = rows
        self.asked = sum_of(row.need | row.none for row in rows)
        self.cautions = frozenset(name for row in rows for name in row.row.cautions)
        self.not_secret = tuple(not_secret(row.row) for row in rows if row.row.no_secrecy)
        self.applicable: dict[tuple[int, int], tuple[Secrecy, ...]] = {}
        """What they make secret, per mask of secrecy rules and of those that follow."""


class Place:
    """Everything about a question that does not depend on what is yes, no or unknown."""

    def __init__(self, snapshot: Snapshot, facts: Facts) -> None:
        sender = facts.sender
        self.cell = snapshot.cell(sender.kind, facts.recipient.kind)
        self.rows = snapshot.rows(sender.kind, facts.item.category)
        self.own = snapshot.secrecy_mask(
            {c for c in sender.own_secrecy if c in snapshot.secrecy_bits}
        )
        """Secrecy rules that the sender has beyond its kind: always apply."""
        self.unknown_own = tuple(c for c in sender.own_secrecy if c not in snapshot.secrecy_bits)
        """Secrecy rules of the sender that the pack does not know. Unanswerable, so they stop."""
        grounds = self.cell.grounds
        self.tests = tuple((n, g.need, g.none) for n, g in enumerate(grounds))
        self.told = tuple(fired_rule(ground.rule) for ground in grounds)
        self.cautious = tuple(
            (n, g.need, g.rule.cautions) for n, g in enumerate(grounds) if g.rule.cautions
        )
        self._reach: dict[tuple[int, int, bool], Reach] = {}
        self._rows: dict[int, RowsInUse] = {}

    def reach(self, applicable: int, strikes: int, *, not_secret: bool = False) -> Reach:
        """What the grounds can open when the strikes with these numbers stand in the way.

        `not_secret`: harm tests have found that nothing of what applies makes the item secret here.
        """
        key = (applicable, strikes, not_secret)
        found = self._reach.get(key)
        if found is None:
            made = Reach(self.cell, applicable, strikes, not_secret=not_secret)
            found = kept(self._reach, key, made)
        return found

    def rows_in_use(self, numbers: int) -> RowsInUse:
        """The rows with these numbers."""
        found = self._rows.get(numbers)
        if found is None:
            rows = tuple(self.rows[n] for n in each_number(numbers))
            found = self._rows[numbers] = RowsInUse(rows)
        return found


def place_of(snapshot: Snapshot, facts: Facts) -> Place:
    """Look up the rules for a question."""
    key = (
        facts.sender.kind,
        facts.recipient.kind,
        facts.item.category,
        facts.sender.own_secrecy,
    )
    found = snapshot.places.get(key)
    if found is None:
        found = kept(snapshot.places, key, Place(snapshot, facts))
    return cast("Place", found)


def sum_of(masks: Iterable[int]) -> int:
    """All bits of all of them."""
    out = 0
    for mask in masks:
        out |= mask
    return out


def _rules_out(bar: Bar, ground: Ground, applicable: int) -> bool:
    """Whether a strike takes something from a ground here.

    A duty commands what is not secret as well. Where nothing is, a strike that leaves nothing of
    what the duty opens takes the duty away, and a reader must be told why there is none.
    """
    if ground.duty and not applicable:
        return bool(ground.opens) and not ground.opens & ~bar.secrecy
    return bool(ground.opens & bar.secrecy & applicable)


def _candidates(
    grounds: tuple[Ground, ...],
    applicable: int,
    in_the_way: list[tuple[Bar, list[int]]],
    tells_all: list[bool],
) -> Iterator[Candidate]:
    for n, ground in enumerate(grounds):
        if ground.opens & applicable or tells_all[n] or (ground.duty and not applicable):
            struck_by = tuple(bar.rule.id for bar, ruled_out in in_the_way if n in ruled_out)
            yield Candidate(n, ground.need, ground.none, struck_by)


def _strikes_told(
    grounds: tuple[Ground, ...], applicable: int, in_the_way: list[tuple[Bar, list[int]]]
) -> Iterator[FiredRule]:
    for bar, firmly in in_the_way:
        excepted = bool(bar.rule.secrecy and bar.secrecy & applicable)
        # Grounds that, by the statute's own list of exceptions, do not reach the item open nothing
        # here anyway; they are named because readers ask for them first.
        ruled_out = firmly or (list(each_number(bar.hits)) if excepted else [])
        if ruled_out or (bar.rule.separate_channel and bar.secrecy & applicable):
            yield fired_rule(bar.rule, strikes=tuple(grounds[n].rule.id for n in ruled_out))
