"""Whether two packs answer alike in every world: rule by rule, row by row, on every day.

Stricter than `compare`, which asks only what may leave: here each ground must open the same secrecy
rules in the same circumstances and with the same effect, each prohibition must stand in the same
way, and the secrecy table must say the same. Complete, like the search that it rests on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from policies.boxes import Box, Outside, find, meet
from policies.cells import Compiled, Lock, Opening
from policies.law import Law
from policies.pack import Crime, Parameter, ReceiverRow, Rule, SecrecyRow
from policies.table_rows import row_differences
from policies.worlds import Worlds


def difference(old: Law, new: Law) -> str:
    """Where the two first differ, as `DAY ID`; empty when they answer alike in every world."""
    for day in sorted({*old.edges(), *new.edges()}):
        cause = "" if _in_force(old, day) == _in_force(new, day) else _on(old, new, day)
        if cause:
            return f"{day} {cause}"
    return ""


def _in_force(law: Law, day: date) -> list[object]:
    """All that can make a day's answers: where it is the same there is nothing to search."""
    tables: tuple[Iterable[Rule | SecrecyRow | ReceiverRow | Parameter | Crime], ...] = (
        *(law.rules.values(), law.secrecy, law.receivers, law.parameters, law.crimes),
    )
    dated = [one for table in tables for one in table]
    in_force = [d for d in dated if d.valid_from <= day <= (d.valid_to or date.max)]
    return [*in_force, *law.vocabulary.conditions.values()]


def _on(old: Law, new: Law, day: date) -> str:
    worlds = Worlds((old, day), (new, day))
    before, after = Compiled(worlds.old), Compiled(worlds.new)
    was, now = before.meanings(), after.meanings()
    changed = {name for name in {*was, *now} if was.get(name) != now.get(name)}
    search = _Search(worlds)
    for sender, recipient in pairs(worlds, changed):
        start = worlds.at(sender=sender, recipient=recipient)
        one, other = before.cell(sender, recipient), after.cell(sender, recipient)
        for code in sorted({*one, *other}):
            was_locked = one.get(code, Lock((), one[""].stops))
            cause = search.between(was_locked, other.get(code, Lock((), other[""].stops)), start)
            if cause:
                return cause
    return next((found.rules[0] for found in row_differences(worlds)), "")


def pairs(worlds: Worlds, changed: set[str]) -> Iterator[tuple[str, str]]:
    """Between which kinds to look: one pair for all between which the very same rules stand."""
    rules = [rule for snapshot in worlds.snapshots for rule in snapshot.rules]
    kinds = sorted({kind for law in worlds.laws for kind in law.vocabulary.kinds})
    seen: set[object] = set()
    for sender in kinds:
        sent = [rule for rule in rules if _among(worlds, sender, rule.from_)]
        for recipient in kinds:
            here = frozenset(rule for rule in sent if _among(worlds, recipient, rule.to))
            start = tuple(worlds.at(sender=sender, recipient=recipient).items())
            if (here, start) not in seen and any(rule.id in changed for rule in here):
                seen.add((here, start))
                yield sender, recipient


def _among(worlds: Worlds, kind: str, listed: tuple[str, ...]) -> bool:
    return any(
        kind in members or "*" in members
        for members in (snapshot.kinds_of(listed) for snapshot in worlds.snapshots)
    )


class _Search:
    """Looks for where one rule holds and its counterpart does not; asks nothing twice."""

    def __init__(self, worlds: Worlds) -> None:
        self._full = worlds.full
        self._known: dict[object, bool] = {}

    def between(self, old: Lock, new: Lock, start: Box) -> str:
        """The first rule that holds in other circumstances on one side; empty: none does."""
        for was, now in (
            (_stops(old), _stops(new)),
            ({_key(o.rule): o for o in old.openings}, {_key(o.rule): o for o in new.openings}),
        ):
            for key in sorted({*was, *now}):
                one, other = was.get(key), now.get(key)
                if self._apart(one, other, start) or self._apart(other, one, start):
                    return key[0]
        return ""

    def _apart(self, this: Opening | None, other: Opening | None, start: Box) -> bool:
        """Whether this one holds, struck by nothing, somewhere where the other does not."""
        if this is None or _content(this) == _content(other):
            return False
        asked = (_content(this), _content(other), _frozen(start))
        if asked not in self._known:
            self._known[asked] = self._find(this, other, start)
        return self._known[asked]

    def _find(self, this: Opening, other: Opening | None, start: Box) -> bool:
        base = meet(start, this.box)
        if base is None:
            return False
        limits = [Outside(box) for _, box in this.strikes]
        if other is not None:
            limits.append(Outside(other.box, tuple(box for _, box in other.strikes)))
        return find(base, limits, self._full) is not None


def _stops(lock: Lock) -> dict[tuple[str, str], Opening]:
    return {(rule.id, rule.effect): Opening(None, box) for rule, box in lock.stops}


def _key(rule: Rule | None) -> tuple[str, str]:
    # An effect is part of who a ground is: a duty in place of a permission is another answer.
    return (rule.id, rule.effect) if rule else ("", "")


def _content(opening: Opening | None) -> object:
    if opening is None:
        return None
    return _frozen(opening.box), frozenset(_frozen(box) for _, box in opening.strikes)


def _frozen(box: Box) -> object:
    return frozenset(box.items())
