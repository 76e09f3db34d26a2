"""Rules that do nothing: dead, because they can never hold, or shadowed by others that do it all.

Every rule is a conjunction of answers, so each question is a small problem for a solver. z3 is
asked, which shares nothing with the search that `compare` and `equivalence` rest on.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple

from policies.boxes import Box
from policies.cells import Compiled, Lock, Opening
from policies.equivalence import pairs
from policies.errors import CaseError
from policies.law import Law
from policies.pack import DUTIES, GROUNDS, Rule
from policies.reading import toml_written_by_hand
from policies.snapshot import each_number
from policies.worlds import Worlds

Idleness = Literal["dead", "shadowed"]


class Idle(NamedTuple):
    """A rule without which every answer would be the same."""

    rule: str
    why: Idleness
    by: tuple[str, ...]
    """The rules that hold wherever it would, if it is shadowed."""


def idle_rules(law: Law) -> tuple[Idle, ...]:
    """Every rule of the pack that is dead or shadowed on all of its days. Raises `CaseError`."""
    left = {rule.id: _Findings() for rule in law.rules.values()}
    for day in law.edges():
        here = [law.rules[name] for name in left if law.rules[name] in law.in_force(day)]
        if here:
            for name in _Day(law, day).useful(here, left):
                left.pop(name)
    return tuple(
        Idle(name, "shadowed" if found.by else "dead", tuple(sorted(found.by)))
        for name, found in sorted(left.items())
    )


class _Findings:
    """What stands in for a rule where it would hold."""

    def __init__(self) -> None:
        self.by: set[str] = set()


class _Day:
    """The rules of one day, as formulas."""

    def __init__(self, law: Law, day: date) -> None:
        self._z3 = _solver()
        self._worlds = Worlds((law, day), (law, day))
        self._rules = Compiled(self._worlds.new)
        self._search = self._z3.Solver()
        self._said = [
            [self._z3.Bool(f"group{n}answer{m}") for m in range(full.bit_length())]
            for n, full in enumerate(self._worlds.full)
        ]
        for ways in self._said:
            # Each group of facts is answered in exactly one way.
            self._search.add(self._z3.PbEq([(way, 1) for way in ways], 1))
        self._literals: dict[object, Any] = {}
        self._negated: dict[int, Any] = {}
        self._answered: dict[frozenset[int], bool] = {}

    def useful(self, rules: list[Rule], left: dict[str, _Findings]) -> Iterator[str]:
        """The ids of the rules that change some answer on this day."""
        by_rule = self._locks({rule.id for rule in rules})
        for rule in rules:
            locks = by_rule.get(rule.id, ())
            if self._only_tells(rule) or any(
                self._matters(rule, lock, start, left[rule.id]) for lock, start in locks
            ):
                yield rule.id

    def _locks(self, asked: set[str]) -> dict[str, list[tuple[Lock, Box]]]:
        """Per rule that is asked about, the different locks in which it has a say."""
        seen: set[object] = set()
        out: dict[str, list[tuple[Lock, Box]]] = {}
        for sender, recipient in pairs(self._worlds, asked):
            start = self._worlds.at(sender=sender, recipient=recipient)
            for lock in self._rules.cell(sender, recipient).values():
                key = (lock.key, tuple(start.items()))
                if key not in seen:
                    seen.add(key)
                    for name in asked.intersection(lock.rules):
                        out.setdefault(name, []).append((lock, start))
        return out

    def _matters(self, rule: Rule, lock: Lock, start: Box, found: _Findings) -> bool:
        if rule.effect in GROUNDS:
            return self._ground_matters(rule, lock, start, found)
        if rule.effect == "stop":
            return self._stop_matters(rule, lock, start, found)
        return self._strike_matters(rule, lock, start, found)

    def _ground_matters(self, rule: Rule, lock: Lock, start: Box, found: _Findings) -> bool:
        for opening in lock.openings:
            if opening.rule is None or opening.rule.id != rule.id:
                continue
            holds = [self._in(start), *self._open(opening), *self._free(lock, "")]
            # A duty is not made idle by a permission: it commands where the other allows.
            others = [
                other
                for other in lock.openings
                if other.rule is not None
                and other.rule.id != rule.id
                and (rule.effect not in DUTIES or other.rule.effect in DUTIES)
            ]
            if self._possible([*holds, *(self._not_open(other) for other in others)]):
                return True
            if self._possible(holds):
                found.by |= self._instead(holds, others)
        return False

    def _instead(self, holds: list[Any], others: list[Opening]) -> set[str]:
        """One ground that is open wherever this one is, else all that are so somewhere there."""
        for other in others:
            if other.rule and not self._possible([*holds, self._not_open(other)]):
                return {other.rule.id}
        return {o.rule.id for o in others if o.rule and self._possible([*holds, *self._open(o)])}

    def _stop_matters(self, rule: Rule, lock: Lock, start: Box, found: _Findings) -> bool:
        own = [box for other, box in lock.stops if other.id == rule.id]
        for opening in lock.openings if own else ():
            holds = [self._in(start), *self._open(opening), self._in(own[0])]
            if self._possible([*holds, *self._free(lock, rule.id)]):
                return True
            if self._possible(holds):
                found.by |= {other.id for other, _ in lock.stops if other.id != rule.id}
        return False

    def _strike_matters(self, rule: Rule, lock: Lock, start: Box, found: _Findings) -> bool:
        for opening in lock.openings:
            own = [box for other, box in opening.strikes if other.id == rule.id]
            if not own:
                continue
            rest = Opening(
                opening.rule,
                opening.box,
                tuple(bar for bar in opening.strikes if bar[0].id != rule.id),
            )
            struck = [self._in(start), self._in(own[0])]
            # The first question has few forms, so most are already answered; the second has many.
            alone = [*struck, *self._open(rest)]
            if self._possible(alone) and self._possible([*alone, *self._free(lock, "")]):
                return True
            if self._possible([*struck, self._in(opening.box)]):
                found.by |= {other.id for other, _ in rest.strikes or lock.stops}
        return False

    def _only_tells(self, rule: Rule) -> bool:
        """Whether it is a duty to tell what is not secret, which opens nothing and can hold."""
        if rule.effect not in DUTIES or rule.opens:
            return False
        mask = self._worlds.snapshots[1].condition_mask
        box = self._worlds.new.holds(mask(rule.all), mask(rule.none))
        return box is not None and self._possible([self._in(box)])

    def _free(self, lock: Lock, but: str) -> list[Any]:
        """No stop fires, but for the one named."""
        return [self._not(self._in(box)) for rule, box in lock.stops if rule.id != but]

    def _open(self, opening: Opening) -> list[Any]:
        barred = [self._not(self._in(box)) for _, box in opening.strikes]
        return [self._in(opening.box), *barred]

    def _not_open(self, opening: Opening) -> Any:
        parts = self._open(opening)
        key = tuple(part.get_id() for part in parts)
        return self._not(self._literal(key, lambda: self._z3.And(*parts)))

    def _in(self, box: Box) -> Any:
        return self._literal(
            frozenset(box.items()),
            lambda: self._z3.And(
                *(
                    self._z3.Or(*(self._said[group][n] for n in each_number(answers)))
                    for group, answers in box.items()
                )
            ),
        )

    def _not(self, literal: Any) -> Any:
        key = literal.get_id()
        if key not in self._negated:
            self._negated[key] = self._z3.Not(literal)
        return self._negated[key]

    def _literal(self, key: object, formula: Callable[[], Any]) -> Any:
        """One name for a formula, defined once: a question is then a list of names."""
        if key not in self._literals:
            self._literals[key] = self._z3.Bool(f"part{len(self._literals)}")
            self._search.add(self._literals[key] == formula())
        return self._literals[key]

    def _possible(self, formulas: list[Any]) -> bool:
        # A name keeps its number while the search lives, so alike questions are asked once.
        question = frozenset(formula.get_id() for formula in formulas)
        if question not in self._answered:
            answer = self._search.check(*formulas)
            if answer == self._z3.unknown:
                raise CaseError(
                    "z3 gave up on a question; nothing is known of this pack's idle rules"
                )
            self._answered[question] = bool(answer == self._z3.sat)
        return self._answered[question]


def known_idle(file: Path) -> dict[str, str]:
    """The idle rules of a pack that are meant to be there, each with the reason."""
    content = toml_written_by_hand(file)
    return {name: one["reason"] for one in content["idle"] for name in one["rules"]}


def _solver() -> Any:
    try:
        return importlib.import_module("z3")
    except ImportError as fault:
        raise CaseError(
            "this needs z3, which the service itself does without; install it with "
            "`make setup-test`, or `pip install z3-solver`"
        ) from fault
