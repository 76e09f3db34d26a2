"""The cells in which two sets of rules let different things out, one cause at a time.

In a cell a secrecy rule is open where some ground holds, no strike takes it away and no stop
fires. A difference is a point where one side is open and the other is not. Points are sought for
each ground that opens and each prohibition that no longer does, so that one change never hides
another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from policies.boxes import Box, Outside, find, meet, meet_all, smallest
from policies.pack import GROUNDS, Rule
from policies.point import Told, tell
from policies.worlds import Side, Worlds


class Difference(NamedTuple):
    """One cell, one direction, one set of causes."""

    sender: str
    recipient: str
    secrecy: str
    category: str
    widens: bool
    rules: tuple[str, ...]
    told: Told


class Opening(NamedTuple):
    """A ground that opens the secrecy rule of a cell, and the strikes that can take it away."""

    rule: Rule | None
    """None: what no secrecy rule applies to needs no ground."""
    box: Box
    strikes: tuple[tuple[Rule, Box], ...] = ()


class Lock(NamedTuple):
    """All that decides one cell on one side."""

    openings: tuple[Opening, ...]
    stops: tuple[tuple[Rule, Box], ...]

    def key(self) -> tuple[object, ...]:
        """The rules by name: on one side they stand for their boxes."""
        openings = tuple(
            (o.rule.id if o.rule else "", tuple(r.id for r, _ in o.strikes)) for o in self.openings
        )
        return openings, tuple(rule.id for rule, _ in self.stops)

    def rules(self) -> set[str]:
        """Every rule that has a say."""
        found = {rule.id for rule, _ in self.stops}
        for opening in self.openings:
            found |= {rule.id for rule, _ in opening.strikes}
            found |= {opening.rule.id} if opening.rule else set()
        return found


class Compiled:
    """One side's rules as boxes, by cell."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self._boxes = {rule.id: self._box(rule) for rule in side.snapshot.rules}

    def _box(self, rule: Rule) -> Box | None:
        mask = self.side.snapshot.condition_mask
        if rule.effect in GROUNDS:
            return self.side.holds(mask(rule.all), mask(rule.none))
        return self.side.may_hold(mask(rule.all), mask(rule.none) | mask(rule.unless))

    def meanings(self) -> dict[str, object]:
        """What each rule says, in a form in which the two sides can be compared."""
        return {rule.id: self._meaning(rule) for rule in self.side.snapshot.rules}

    def _meaning(self, rule: Rule) -> object:
        box = self._boxes[rule.id]
        snapshot = self.side.snapshot
        ends = tuple(frozenset(snapshot.kinds_of(listed)) for listed in (rule.from_, rule.to))
        reach = snapshot.reach_of(rule)
        held = None if box is None else tuple(sorted(box.items()))
        return rule.version_of, rule.effect, ends, reach, rule.strikes, held

    def cell(self, sender: str, recipient: str) -> dict[str, Lock]:
        """What opens each secrecy rule from one kind to another."""
        cell = self.side.snapshot.cell(sender, recipient)
        bars = [(bar, box) for bar in cell.strikes if (box := self._boxes[bar.rule.id]) is not None]
        stops = tuple(
            (bar.rule, box) for bar in cell.stops if (box := self._boxes[bar.rule.id]) is not None
        )
        opened: dict[str, list[Opening]] = {"": [Opening(None, {})]}
        for n, ground in enumerate(cell.grounds):
            box = self._boxes[ground.rule.id]
            if box is None:
                continue
            for code in self.side.snapshot.codes(ground.opens):
                bit = self.side.snapshot.secrecy_bits[code]
                hitting = tuple(
                    (bar.rule, struck)
                    for bar, struck in bars
                    if bar.hits >> n & 1 and bar.secrecy & bit
                )
                opened.setdefault(code, []).append(Opening(ground.rule, box, hitting))
        return {code: Lock(tuple(openings), stops) for code, openings in opened.items()}


def differences(worlds: Worlds) -> Iterator[Difference]:
    """Every cell that differs, both ways."""
    old, new = Compiled(worlds.old), Compiled(worlds.new)
    before, after = old.meanings(), new.meanings()
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    search = Search(worlds, changed)
    for sender, recipient in _pairs(worlds, changed):
        start = worlds.at(sender=sender, recipient=recipient)
        one, other = old.cell(sender, recipient), new.cell(sender, recipient)
        for code in sorted({*one, *other}):
            strict, loose = (cells.get(code, Lock((), cells[""].stops)) for cells in (one, other))
            for widens in (True, False):
                found = search.between(loose, strict, start, widens=widens)
                for rules, told in found:
                    yield Difference(sender, recipient, code, "", widens, rules, told)
                strict, loose = loose, strict


def _pairs(worlds: Worlds, changed: set[str]) -> list[tuple[str, str]]:
    """The senders and recipients between which a changed rule stands."""
    kinds = sorted({kind for law in worlds.laws for kind in law.vocabulary.kinds})
    out: set[tuple[str, str]] = set()
    for snapshot in worlds.snapshots:
        for rule in snapshot.rules:
            if rule.id in changed:
                ends = [snapshot.kinds_of(listed) for listed in (rule.from_, rule.to)]
                froms, tos = (kinds if "*" in end else end for end in ends)
                out |= {(sender, recipient) for sender in froms for recipient in tos}
    return sorted(out)


Found = tuple[tuple[str, ...], Told]


class Search:
    """Looks for points where one lock is open and the other is not; remembers what it found."""

    def __init__(self, worlds: Worlds, changed: set[str]) -> None:
        self._worlds, self._changed = worlds, changed
        self._known: dict[object, list[Found]] = {}

    def between(self, loose: Lock, strict: Lock, start: Box, *, widens: bool) -> list[Found]:
        """The causes for which `loose` lets out what `strict` does not, with an example each."""
        if not (loose.rules() | strict.rules()) & self._changed:
            return []
        key = (loose.key(), strict.key(), tuple(start.items()), widens)
        if key not in self._known:
            found: dict[tuple[str, ...], Told] = {}
            for opening in loose.openings:
                for rules, told in self._through(opening, loose, strict, start, widens=widens):
                    found.setdefault(rules, told)
            self._known[key] = list(found.items())
        return self._known[key]

    def _through(
        self, opening: Opening, loose: Lock, strict: Lock, start: Box, *, widens: bool
    ) -> Iterator[Found]:
        """What this opening lets out and `strict` does not, by what kept it in there."""
        base = meet(start, opening.box)
        if base is None:
            return
        free = [Outside(box) for _, box in (*loose.stops, *opening.strikes)]
        closed = [Outside(o.box, tuple(box for _, box in o.strikes)) for o in strict.openings]
        same = counterpart(opening, strict)
        for parts, limits, cause in _cases(opening, same, strict, free, closed):
            box = meet_all((base, *parts))
            found = None if box is None else find(box, limits, self._worlds.full)
            if box is None or found is None:
                continue
            point = smallest(box, limits, self._worlds.full, found)
            told = tell(self._worlds, opening, loose, strict, point, widens=widens)
            yield self._causes(cause, opening), told

    def _causes(self, cause: Rule | None, opening: Opening) -> tuple[str, ...]:
        """The rule that kept it in, or that opens it now: of the two, what has changed."""
        ids = tuple(dict.fromkeys(rule.id for rule in (cause, opening.rule) if rule))
        if cause is not None and cause.id in self._changed:
            return (cause.id,)
        return tuple(name for name in ids if name in self._changed) or ids


Case = tuple[tuple[Box, ...], Sequence[Outside], Rule | None]


def _cases(
    opening: Opening,
    same: Opening | None,
    strict: Lock,
    free: list[Outside],
    closed: list[Outside],
) -> Iterator[Case]:
    yield (), [*free, *closed, *([Outside(same.box)] if same else [])], opening.rule
    for rule, box in same.strikes if same else ():
        yield (same.box if same else {}, box), [*free, *closed], rule
    for rule, box in strict.stops:
        yield (box,), free, rule


def counterpart(opening: Opening, lock: Lock) -> Opening | None:
    """The same ground on the other side: by its id, else another version of it."""
    mine = opening.rule
    for other in lock.openings:
        if (other.rule and other.rule.id) == (mine and mine.id):
            return other
    for other in lock.openings:
        if other.rule and mine and other.rule.version_of == mine.version_of:
            return other
    return None
