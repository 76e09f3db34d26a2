"""The cells in which two sets of rules let different things out, one cause at a time.

In a cell a secrecy rule is open where some ground holds, no strike takes it away and no stop
fires. A difference is a point where one side is open and the other is not. Points are sought for
each ground that opens and each prohibition that no longer does, so that one change never hides
another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from policies.boxes import Box, Outside, least, meet, meet_all, serves
from policies.pack import GROUNDS, Rule
from policies.point import Told, tell
from policies.snapshot import Cell
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


class Lock:
    """All that decides one cell on one side. Equal only to itself: the like ones are one."""

    def __init__(self, openings: tuple[Opening, ...], stops: tuple[tuple[Rule, Box], ...]) -> None:
        self.openings, self.stops = openings, stops
        self.key = (
            tuple((_id(o.rule), tuple(r.id for r, _ in o.strikes)) for o in openings),
            tuple(rule.id for rule, _ in stops),
        )
        """The rules by name: on one side they stand for their boxes."""
        self.rules = frozenset(
            {rule.id for rule, _ in stops}
            | {rule.id for o in openings for rule, _ in o.strikes}
            | {o.rule.id for o in openings if o.rule}
        )
        """Every rule that has a say."""


class Made:
    """The cells made of one side's rules, kept while every condition means the same."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        self.cells: dict[int, dict[str, Lock]] = {}
        """By the rules that stand in them, a bit each."""

    def bit(self, rule: Rule, reach: frozenset[str]) -> int:
        """The bit of a rule with what it reaches, which can be another on another day."""
        return 1 << self._numbers.setdefault((rule.id, reach), len(self._numbers))


class Compiled:
    """One side's rules as boxes, by cell."""

    def __init__(self, side: Side, made: Made | None = None) -> None:
        self.side = side
        self._boxes = {rule.id: self._box(rule) for rule in side.snapshot.rules}
        self._made = made or Made()
        self._rules = [(self._bit(rule), *self._ends(rule)) for rule in side.snapshot.rules]
        self._stands: dict[tuple[str, bool], int] = {}

    def _bit(self, rule: Rule) -> int:
        return self._made.bit(rule, self.side.snapshot.reach_of(rule))

    def _ends(self, rule: Rule) -> tuple[frozenset[str], frozenset[str]]:
        kinds = self.side.snapshot.kinds_of
        return frozenset(kinds(rule.from_)), frozenset(kinds(rule.to))

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
        reach = self.side.snapshot.reach_of(rule)
        held = None if box is None else tuple(sorted(box.items()))
        return rule.version_of, rule.effect, self._ends(rule), reach, rule.strikes, held

    def cell(self, sender: str, recipient: str) -> dict[str, Lock]:
        """What opens each secrecy rule from one kind to another: the same where the same stands."""
        standing = self._standing(sender, sends=True) & self._standing(recipient, sends=False)
        cells = self._made.cells
        if standing not in cells:
            cells[standing] = self._make_cell(self.side.snapshot.cell(sender, recipient))
        return cells[standing]

    def _standing(self, kind: str, *, sends: bool) -> int:
        """The rules, a bit each, that stand where this kind sends, or receives."""
        if (kind, sends) not in self._stands:
            ends = ((bit, froms if sends else tos) for bit, froms, tos in self._rules)
            self._stands[kind, sends] = sum(bit for bit, end in ends if {kind, "*"} & end)
        return self._stands[kind, sends]

    def _make_cell(self, cell: Cell) -> dict[str, Lock]:
        stops = tuple(
            (bar.rule, box) for bar in cell.stops if (box := self._boxes[bar.rule.id]) is not None
        )
        locks = {"": Lock((Opening(None, {}),), stops)}
        alike: dict[object, Lock] = {}
        for code, bit in self.side.snapshot.secrecy_bits.items():
            openers = tuple(n for n, ground in enumerate(cell.grounds) if ground.opens & bit)
            bars = tuple(n for n, bar in enumerate(cell.strikes) if bar.secrecy & bit)
            if (openers, bars) not in alike:
                found = tuple(self._openings(cell, openers, bars))
                alike[openers, bars] = Lock(found, stops)
            if alike[openers, bars].openings:
                locks[code] = alike[openers, bars]
        return locks

    def _openings(
        self, cell: Cell, openers: Sequence[int], bars: Sequence[int]
    ) -> Iterator[Opening]:
        for n in openers:
            box = self._boxes[cell.grounds[n].rule.id]
            hitting = [bar for bar in (cell.strikes[b] for b in bars) if bar.hits >> n & 1]
            struck = [(bar.rule, self._boxes[bar.rule.id]) for bar in hitting]
            if box is not None:
                strikes = tuple((rule, other) for rule, other in struck if other is not None)
                yield Opening(cell.grounds[n].rule, box, strikes)


class Memory:
    """What has been found between two packs, kept while every condition means the same."""

    def __init__(self) -> None:
        self._sides: object = None
        self._forget()

    def _forget(self) -> None:
        self.old, self.new = Made(), Made()
        self.locks: dict[object, list[Found]] = {}
        """What differs between two locks."""
        self.least: dict[object, Box | None] = {}
        """The least point by which two locks differ, whoever the parties are."""
        self.cells: dict[object, list[tuple[str, bool, Found]]] = {}
        """What differs between two cells. They are known by their `id`: `old` and `new` hold on
        to every cell that they have made."""

    def recall(self, worlds: Worlds) -> None:
        """Keep what holds in these worlds too; forget the rest."""
        sides = [(s.law, s.place, s.yes, s.maybe) for s in (worlds.old, worlds.new)]
        if sides != self._sides:
            self._sides = sides
            self._forget()


def differences(worlds: Worlds, memory: Memory) -> Iterator[Difference]:
    """Every cell that differs, both ways."""
    memory.recall(worlds)
    old, new = Compiled(worlds.old, memory.old), Compiled(worlds.new, memory.new)
    before, after = old.meanings(), new.meanings()
    changed = frozenset(n for n in {*before, *after} if before.get(n) != after.get(n))
    search = Search(worlds, changed, memory)
    for sender, recipient in _pairs(worlds, changed):
        start = worlds.at(sender=sender, recipient=recipient)
        one, other = old.cell(sender, recipient), new.cell(sender, recipient)
        key = (id(one), id(other), tuple(start.items()), changed)
        if key not in memory.cells:
            memory.cells[key] = list(_in_cell(search, one, other, start))
        for code, widens, (rules, told) in memory.cells[key]:
            yield Difference(sender, recipient, code, "", widens, rules, told)


def _in_cell(
    search: Search, one: dict[str, Lock], other: dict[str, Lock], start: Box
) -> Iterator[tuple[str, bool, Found]]:
    shut = [Lock((), cells[""].stops) for cells in (one, other)]
    for code in sorted({*one, *other}):
        strict, loose = one.get(code, shut[0]), other.get(code, shut[1])
        for widens in (True, False):
            for found in search.between(loose, strict, start, widens=widens):
                yield code, widens, found
            strict, loose = loose, strict


def _pairs(worlds: Worlds, changed: frozenset[str]) -> list[tuple[str, str]]:
    """The senders and recipients between which a changed rule stands.

    No sender about whose information the secrecy table is silent: nothing leaves from it.
    """
    kinds = sorted({kind for law in worlds.laws for kind in law.vocabulary.kinds})
    speaks = {kind for kind in kinds if _table_speaks(worlds, kind)}
    out: set[tuple[str, str]] = set()
    for snapshot in worlds.snapshots:
        for rule in snapshot.rules:
            if rule.id in changed:
                ends = [snapshot.kinds_of(listed) for listed in (rule.from_, rule.to)]
                froms, tos = (kinds if "*" in end else end for end in ends)
                out |= {(sender, recipient) for sender in froms for recipient in tos}
    return sorted(pair for pair in out if pair[0] in speaks)


def _table_speaks(worlds: Worlds, kind: str) -> bool:
    rows = [row for law in worlds.laws for row in law.secrecy if {kind, "*"} & {*row.holders}]
    return any("*" not in row.categories for row in rows)


Found = tuple[tuple[str, ...], Told]
"""The rules that make a difference, and an example."""


def _id(rule: Rule | None) -> str:
    return rule.id if rule else ""


class Question(NamedTuple):
    """Whether a box has a point outside all limits."""

    box: Box
    limits: Sequence[Outside]
    start: Box
    """The sender and the recipient, one answer each; the box is within it."""
    locks: tuple[Lock, Lock]
    """The box and the limits are made of these."""

    def parties_not_asked_about(self) -> dict[int, int]:
        """The part of the start that no limit asks about."""
        cubes = [box for limit in self.limits for box in (limit.cube, *limit.exceptions)]
        return {g: a for g, a in self.start.items() if not any(g in cube for cube in cubes)}


class Search:
    """Looks for points where one lock is open and the other is not; remembers what it found."""

    def __init__(self, worlds: Worlds, changed: frozenset[str], memory: Memory) -> None:
        self._worlds, self._changed = worlds, changed
        self._known, self._least = memory.locks, memory.least
        self._points: dict[object, list[Box]] = {}

    def between(self, loose: Lock, strict: Lock, start: Box, *, widens: bool) -> list[Found]:
        """The causes for which `loose` lets out what `strict` does not, with an example each."""
        changed = self._changed & (loose.rules | strict.rules)
        if not changed:
            return []
        key = (loose.key, strict.key, tuple(start.items()), widens, changed)
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
        same = counterpart(opening, strict)
        if not self._touched(opening, same, loose, strict):
            return
        base = meet(start, opening.box)
        if base is None:
            return
        free = [Outside(box) for _, box in (*loose.stops, *opening.strikes)]
        closed = [Outside(o.box, tuple(box for _, box in o.strikes)) for o in strict.openings]
        here = {rule.id for rule, _ in (*loose.stops, *opening.strikes)}
        for parts, limits, cause in _cases(opening, same, strict, free, closed):
            if cause is not opening.rule and cause and cause.id in here - self._changed:
                continue  # It keeps as much in on this side.
            box = meet_all((base, *parts))
            asked = (_id(opening.rule), _id(cause), widens)
            point = None
            if box is not None:
                point = self._point(asked, Question(box, limits, start, (loose, strict)))
            if point is None:
                continue
            told = tell(self._worlds, opening, loose, strict, point, widens=widens)
            yield self._causes(cause, opening), told

    def _point(self, asked: object, question: Question) -> Box | None:
        """An example. One that serves other kinds serves these too: a reader has fewer to read."""
        points = self._points.setdefault(asked, [])
        found = next((p for p in points if serves(p, question.box, question.limits)), None)
        if found is None:
            found = self._least_point(asked, question)
            points += [found] if found is not None else []
        return found

    def _least_point(self, asked: object, question: Question) -> Box | None:
        """Where no limit asks who they are it is one question, whoever they are."""
        parties = question.parties_not_asked_about()
        key = (asked, question.locks, frozenset(question.start.items() - parties.items()))
        if key not in self._least:
            box = {g: answers for g, answers in question.box.items() if g not in parties}
            self._least[key] = least(box, question.limits, self._worlds.full)
        found = self._least[key]
        return None if found is None else {**found, **parties}

    def _touched(self, opening: Opening, same: Opening | None, loose: Lock, strict: Lock) -> bool:
        """Whether anything that decides this opening has changed; if not, `strict` has it too."""
        if same is None:
            return True
        rules = [rule for one in (opening, same) for rule, _ in one.strikes]
        rules += [rule for lock in (loose, strict) for rule, _ in lock.stops]
        names = {_id(opening.rule), _id(same.rule), *(rule.id for rule in rules)}
        return not self._changed.isdisjoint(names)

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
