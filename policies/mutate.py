"""Small wrong changes to a pack, one at a time, and whether its scenarios or the loader notice.

A change that nothing notices is a sentence of law that no scenario holds in place.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from policies.decide import decide, lets_out
from policies.equivalence import difference
from policies.errors import CaseError, PackError
from policies.facts import Facts
from policies.law import Law, checked
from policies.masks import Masks
from policies.pack import GROUNDS, Answer, Parameter, Rule, Scenario, SecrecyRow
from policies.reading import TRIED, Draft, Entry, read, toml_written_by_hand
from policies.scenarios import (
    differences,
    facts_of_answer,
    granted_facts,
    granted_in,
    read_scenarios,
)
from policies.selectors import expand

NOTICED_AT_LEAST = 98
"""Percent of the wrong changes that scenarios and loader must notice."""
_DAY = timedelta(days=1)
M = TypeVar("M")
_OTHER_EFFECT = {
    "duty_own": "permit",
    "duty_request": "permit",
    "permit": "duty_own",
    "consent": "harm_test",
    "harm_test": "permit",
}


class Mutant(NamedTuple):
    """One wrong change."""

    name: str
    """E.g. `P-18a: without person_under_21`."""
    entry: Entry[Any]
    value: Rule | SecrecyRow | Parameter


class Trial(NamedTuple):
    """One answer of one scenario, ready to be asked again."""

    scenario: Scenario
    answer: Answer
    bare: Facts
    then: Facts
    names: frozenset[str]
    """The rules that the answer names."""
    bare_masks: Masks
    then_masks: Masks


class Outcome(NamedTuple):
    """What became of one mutant."""

    name: str
    killed_by: str
    """A scenario's id and day, `loader`, or empty when it survived."""


class Campaign:
    """A pack, its scenarios and its mutants."""

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or Path(__file__).parent
        self._draft, _ = read(folder)
        self._law = checked(self._draft, "")
        found = [one for name in TRIED for one in read_scenarios(folder / name)]
        self.trials = _trials(self._law, found)
        self.mutants = tuple(_mutants(self._draft))
        wrong = [t for t in self.trials if self._noticed(self._law, t)]
        if wrong:
            ids = ", ".join(sorted({trial.scenario.id for trial in wrong}))
            raise CaseError(f"the pack as it is fails its own scenarios, mend those first: {ids}")

    def try_mutant(self, mutant: Mutant) -> Outcome:
        """Ask every scenario that the change could touch, then the loader."""
        draft = self._draft.with_value(mutant.entry, mutant.value)
        law = self._law.unchecked(draft, getattr(mutant.value, "id", ""))
        near = [trial for trial in self.trials if self._could_differ(mutant, trial)]
        for trial in _in_order(near, mutant):
            if self._noticed(law, trial):
                return Outcome(mutant.name, f"{trial.scenario.id} {trial.answer.on}")
        try:
            checked(draft, "")
        except PackError:
            return Outcome(mutant.name, "loader")
        return Outcome(mutant.name, "")

    def difference(self, mutant: Mutant) -> str:
        """Where the changed pack answers otherwise, as `DAY ID`; empty: in no world at all."""
        draft = self._draft.with_value(mutant.entry, mutant.value)
        return difference(self._law, self._law.unchecked(draft, getattr(mutant.value, "id", "")))

    def _noticed(self, law: Law, trial: Trial) -> bool:
        bare, then = decide(law, trial.bare), decide(law, trial.then)
        return bool(differences(law, trial.answer, bare, then))

    def _could_differ(self, mutant: Mutant, trial: Trial) -> bool:
        """Whether the entry holds otherwise on these facts, or lacks something else, once changed.

        What a rule does to others goes through its firing alone, so nothing else needs asking.
        """
        if isinstance(mutant.value, Parameter):
            return True
        old, new = mutant.entry.value, mutant.value
        return any(
            self._state(old, facts, masks) != self._state(new, facts, masks)
            for facts, masks in ((trial.bare, trial.bare_masks), (trial.then, trial.then_masks))
        )

    def _state(self, value: Rule | SecrecyRow, facts: Facts, masks: Masks) -> object:
        if not value.valid_from <= facts.on <= (value.valid_to or date.max):
            return None
        bits, (yes, maybe, _) = self._law.snapshot(facts.on).bits, masks
        need, none = (sum(bits[n] for n in names) for names in (value.all, value.none))
        surely = not (need & ~yes or none & maybe)
        perhaps = not (need & ~maybe or none & yes)
        if isinstance(value, SecrecyRow):
            here = _among(facts.sender.kind, value.holders)
            here = here and _among(facts.item.category, value.categories)
            return (surely, perhaps) if here else None
        sets = self._law.kind_sets
        if not _among(facts.sender.kind, expand(value.from_, sets)):
            return None
        if not _among(facts.recipient.kind, expand(value.to, sets)):
            return None
        does = (value.effect, value.opens, value.not_opens, value.strikes, value.secrecy)
        if value.effect in GROUNDS:
            # What is still unmet too, because the steps that remain are part of the answer.
            return does, need & ~yes, none & maybe
        cures = none | sum(bits[name] for name in value.unless)
        return (does, need, cures) if perhaps and not cures & yes else None


def _among(code: str, listed: Sequence[str]) -> bool:
    return code in listed or "*" in listed


def _trials(law: Law, found: Iterable[tuple[str, Scenario]]) -> tuple[Trial, ...]:
    out = []
    for _, scenario in found:
        for answer in scenario.answer:
            bare = facts_of_answer(law, scenario, answer)
            then = granted_facts(bare, granted_in(scenario, answer))
            said = (*answer.fired, *answer.not_fired, *answer.struck, *answer.lacks, answer.asks)
            names = frozenset(said)
            masks = law.snapshot(answer.on).masks
            out.append(Trial(scenario, answer, bare, then, names, masks(bare), masks(then)))
    return tuple(out)


def _in_order(trials: Sequence[Trial], mutant: Mutant) -> list[Trial]:
    """The scenarios that speak of the changed rule come first: they most often notice."""
    value = mutant.value
    if isinstance(value, Rule):
        own = {value.id, value.version_of}
        return sorted(trials, key=lambda t: (value.id not in t.names, not own & t.names))
    if isinstance(value, SecrecyRow):
        held = set(value.categories)
        near = {*value.holders}
        return sorted(
            trials,
            key=lambda t: (
                t.bare.item.category not in held,
                t.bare.sender.kind not in near,
                t.bare.on != value.valid_from,
            ),
        )
    return list(trials)


def _mutants(draft: Draft) -> Iterator[Mutant]:
    first = min(entry.value.valid_from for entry in draft.entries("secrecy", SecrecyRow))
    for entry in draft.entries("rule", Rule):
        yield from _named(entry, entry.value.id, _rule_changes(entry.value, first))
    for row in draft.entries("secrecy", SecrecyRow):
        yield from _named(row, _row_name(row.value), _row_changes(row.value, first))
    for parameter in draft.entries("parameter", Parameter):
        name = f"{parameter.value.name} {parameter.value.valid_from}"
        changes = [
            (f"{by:+d}", msgspec.structs.replace(parameter.value, value=parameter.value.value + by))
            for by in (-1, 1)
        ]
        yield from _named(parameter, name, changes)


def _named(entry: Entry[Any], name: str, changes: Iterable[tuple[str, Any]]) -> Iterator[Mutant]:
    for what, value in changes:
        yield Mutant(f"{name}: {what}", entry, value)


def _row_name(row: SecrecyRow) -> str:
    about = ["/".join(row.categories), "at", row.holders[0], row.rule or "not secret"]
    return " ".join([*about, *row.all, str(row.valid_from)])


def _rule_changes(rule: Rule, first: date) -> Iterator[tuple[str, Rule]]:
    yield from _conditions(rule, ("all", "none", "unless"))
    yield from _dates(rule, first)
    if rule.effect in _OTHER_EFFECT:
        other = _OTHER_EFFECT[rule.effect]
        yield f"effect {other}", msgspec.structs.replace(rule, effect=other)
    if rule.effect in GROUNDS and (rule.opens != ("all",) or rule.not_opens):
        yield "opens all", msgspec.structs.replace(rule, opens=("all",), not_opens=())
    for name in rule.not_opens:
        left = tuple(one for one in rule.not_opens if one != name)
        yield f"not_opens without {name}", msgspec.structs.replace(rule, not_opens=left)
    for key in ("opens", "strikes", "secrecy"):
        for name in getattr(rule, key) if len(getattr(rule, key)) > 1 else ():
            left = tuple(one for one in getattr(rule, key) if one != name)
            yield f"{key} without {name}", msgspec.structs.replace(rule, **{key: left})
    if rule.effect == "strike" and rule.secrecy:
        yield "secrecy of every kind", msgspec.structs.replace(rule, secrecy=())


def _row_changes(row: SecrecyRow, first: date) -> Iterator[tuple[str, SecrecyRow]]:
    yield from _conditions(row, ("all", "none"))
    yield from _dates(row, first)


def _conditions(value: Any, keys: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for key in keys:
        for name in getattr(value, key):
            left = tuple(one for one in getattr(value, key) if one != name)
            without = msgspec.structs.replace(value, **{key: left})
            yield f"without {name}", without
            if key in ("all", "none"):
                other = "none" if key == "all" else "all"
                flipped = (*getattr(without, other), name)
                yield f"{name} turned round", msgspec.structs.replace(without, **{other: flipped})


def _dates(value: Any, first: date) -> Iterator[tuple[str, Any]]:
    # Nothing is law before the first day of the pack, so no answer could tell an earlier start.
    for by in (-_DAY, _DAY):
        if value.valid_from > first or by > timedelta(0):
            day = value.valid_from + by
            if value.valid_to is None or day <= value.valid_to:
                yield f"valid from {day}", msgspec.structs.replace(value, valid_from=day)
        if value.valid_to is not None and value.valid_to + by >= value.valid_from:
            day = value.valid_to + by
            yield f"valid to {day}", msgspec.structs.replace(value, valid_to=day)


def first_failure(folder: Path | None = None) -> str:
    """The first scenario that the pack, as it is, does not answer as published; empty if all do.

    The bare answer, too, must be that of the whole decision.
    """
    folder = folder or Path(__file__).parent
    law = checked(read(folder)[0], "")
    for trial in _trials(law, [one for name in TRIED for one in read_scenarios(folder / name)]):
        bare, then = decide(law, trial.bare), decide(law, trial.then)
        whole = [decision.outcome in ("must", "may") for decision in (bare, then)]
        if differences(law, trial.answer, bare, then):
            return trial.scenario.id
        if whole != [lets_out(law, trial.bare), lets_out(law, trial.then)]:
            return f"{trial.scenario.id}, by its bare answer"
    return ""


def sample(mutants: Sequence[M], size: int, seed: int) -> tuple[M, ...]:
    """Some of the changes, in their own order; the same for the same seed."""
    draw = random.Random(seed)  # noqa: S311 - which to try, not a secret
    chosen = draw.sample(range(len(mutants)), min(size, len(mutants)))
    return tuple(mutants[n] for n in sorted(chosen))


def known_survivors(file: Path) -> dict[str, str]:
    """The changes that nothing notices, each with the reason. Raises `CaseError` if unreadable."""
    content = toml_written_by_hand(file)
    return {name: reason["reason"] for reason in content["survivor"] for name in reason["mutants"]}
