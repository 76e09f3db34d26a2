"""Where the secrecy tables of two packs differ: what one of them protects and the other does not.

An item that no row settles is stopped, so a row added to a silent table lets something out too.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from policies.boxes import Box, Outside, least, meet_all
from policies.cells import Difference
from policies.point import Literal, Told, literals, told
from policies.snapshot import Row
from policies.worlds import Side, Worlds


class Line(NamedTuple):
    """A row of the table for one holder and category, as boxes."""

    code: str
    """Secrecy rule; empty for a row that says the item is not secret."""
    row: Row
    settles: bool
    applies: Box | None
    may_apply: Box | None


def row_differences(worlds: Worlds) -> Iterator[Difference]:
    """Every holder, category and secrecy rule for which the table protects less, or more."""
    kinds = sorted({kind for law in worlds.laws for kind in law.vocabulary.kinds})
    categories = sorted({code for law in worlds.laws for code in law.vocabulary.categories})
    changed = _table(worlds.old) ^ _table(worlds.new)
    for holder, category in product(kinds, categories):
        if not any(row.speaks_of(holder, category) for row in changed):
            continue
        old, new = (_lines(side, holder, category) for side in (worlds.old, worlds.new))
        if _meaning(old) == _meaning(new):
            continue
        start = worlds.at(sender=holder, category=category)
        for widens, strict, loose in ((True, old, new), (False, new, old)):
            search = _Rows(worlds, category, start, loose, strict, widens=widens)
            for code, cause, words in search.found():
                shown = (holder, "*", code, category)
                yield Difference(*shown, widens, (f"secrecy {cause}",), words)


class _Said(NamedTuple):
    """What a row says, in a form in which the two sides can be compared."""

    holders: frozenset[str]
    categories: frozenset[str]
    code: str
    applies: object
    may_apply: object

    def speaks_of(self, holder: str, category: str) -> bool:
        return bool({holder, "*"} & self.holders and {category, "*"} & self.categories)


def _table(side: Side) -> set[_Said]:
    mask = side.snapshot.condition_mask
    return {
        _Said(
            frozenset(row.holders),
            frozenset(row.categories),
            row.rule,
            _frozen(side.holds(mask(row.all), mask(row.none))),
            _frozen(side.may_hold(mask(row.all), mask(row.none))),
        )
        for row in side.snapshot.secrecy
    }


def _frozen(box: Box | None) -> object:
    return None if box is None else frozenset(box.items())


def _lines(side: Side, holder: str, category: str) -> list[Line]:
    return [
        Line(
            row.row.rule,
            row,
            row.settles,
            side.holds(row.need, row.none),
            side.may_hold(row.need, row.none),
        )
        for row in side.snapshot.rows(holder, category)
    ]


def _meaning(lines: list[Line]) -> set[object]:
    return {(line.code, line.settles, *(_frozen(box) for box in line[3:])) for line in lines}


class _Rows:
    """One holder and category, one direction."""

    def __init__(
        self,
        worlds: Worlds,
        category: str,
        start: Box,
        loose: list[Line],
        strict: list[Line],
        *,
        widens: bool,
    ) -> None:
        self.worlds, self.category, self.start = worlds, category, start
        self.loose, self.strict = loose, strict
        self.side = worlds.new if widens else worlds.old

    def found(self) -> Iterator[tuple[str, str, Told]]:
        """Secrecy rule (empty: the table was silent), cause, example."""
        silent = [Outside(s.applies) for s in self.strict if s.settles and s.applies is not None]
        for line in self._settling(self.loose):
            words = self._try((line.applies,), silent, [line])
            if words is not None:
                yield "", line.code or self.category, words
                break
        for code in sorted({line.code for line in self.strict if line.code}):
            words = self._no_longer(code)
            if words is not None:
                yield code, code, words

    def _settling(self, lines: list[Line]) -> list[Line]:
        return [line for line in lines if line.settles]

    def _no_longer(self, code: str) -> Told | None:
        """Where `strict` applies the secrecy rule and `loose` knows the item and does not."""
        free = [
            Outside(line.may_apply)
            for line in self.loose
            if line.code == code and line.may_apply is not None
        ]
        applying = [line for line in self.strict if line.code == code]
        for had, was, knows in product(
            applying, self._settling(self.strict), self._settling(self.loose)
        ):
            words = self._try((had.may_apply, was.applies, knows.applies), free, [knows, had])
            if words is not None:
                return words
        return None

    def _try(
        self, boxes: tuple[Box | None, ...], limits: list[Outside], lines: list[Line]
    ) -> Told | None:
        if any(box is None for box in boxes):
            return None
        box = meet_all((self.start, *(b for b in boxes if b is not None)))
        point = None if box is None else least(box, limits, self.worlds.full)
        if point is None:
            return None
        said: dict[str, Literal] = {}
        for line in lines:
            for side in (self.worlds.old, self.worlds.new):
                mask = side.snapshot.condition_mask
                for names, value in ((line.row.row.all, True), (line.row.row.none, False)):
                    known = tuple(name for name in names if name in side.snapshot.bits)
                    for one in literals(side, mask(known), point, value=value):
                        said.setdefault(one[0].name, one)
        return told(list(said.values()), [], ())
