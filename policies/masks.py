"""What the facts say about every condition, as bits.

A pair of masks `yes` and `maybe` (yes is a subset of maybe) says of every condition whether it is
yes, unknown or no. The facts come in parts (the two parties, the item, the person, the ages, the
question) and most questions on a page have most parts alike, so what a part says is kept. Only the
answers to conditions are kept, never an answer of the law.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from policies.facts import Facts, Item, Party, Person
from policies.keeping import kept
from policies.pack import Condition, ParameterRef
from policies.references import fact_name
from policies.vocabulary import Age, Fact, FactValue, Tables, age_on, fact_named

_NEITHER = object()


class Masks(NamedTuple):
    """What the facts say about every condition."""

    yes: int
    maybe: int
    leap: int
    """Age comparisons that a leap-day birth makes neither yes nor no."""


class Said:
    """What one part of the facts says. Equal only to itself, so that it can stand for the part."""

    __slots__ = ("leap", "maybe", "yes")

    def __init__(self, yes: int, maybe: int, leap: int) -> None:
        self.yes, self.maybe, self.leap = yes, maybe, leap


class Reading(NamedTuple):
    """One fact with the conditions that ask about it: bit, condition, value on this day."""

    fact: Fact
    tests: tuple[tuple[int, Condition, object], ...]

    @property
    def bits(self) -> int:
        """The conditions that ask about it."""
        return sum(test[0] for test in self.tests)


class Heard(NamedTuple):
    """The masks of one question, and the parts they come from."""

    yes: int
    maybe: int
    leap: int
    parts: tuple[Said, ...]
    """Two questions with the very same parts leave the same open."""


_PERSON = tuple(n for n in Person.__struct_fields__ if n not in ("born", "statements"))
_PARTS = ("on", "sender", "recipient", "item", "person", "case_subject_born", "approvals")
_QUESTION = tuple(n for n in Facts.__struct_fields__ if n not in _PARTS)
_of_person: Callable[[Person], tuple[Any, ...]] = attrgetter(*_PERSON)
_of_question: Callable[[Facts], tuple[Any, ...]] = attrgetter(*_QUESTION)


def part_of(fact: str) -> str:
    """The part of the facts that a fact is read from: nothing outside the part can change it."""
    if fact in ("person.age", "case_subject.age"):
        return fact
    word = fact.partition(".")[0]
    if word in ("statement", "approval", "item"):
        return word
    if word == "crime":
        return "item"
    if word in ("person", "consent"):
        return "person"
    return "parties" if word in ("sender", "recipient") or fact.startswith("same_") else "question"


class Readings:
    """Every condition of a snapshot, ready to be tried on facts."""

    def __init__(self, conditions: tuple[Condition, ...], tables: Tables) -> None:
        self._tables = tables
        self._by_fact = _readings(conditions, tables)
        self._by_part: dict[str, list[Reading]] = {}
        for name, reading in self._by_fact.items():
            self._by_part.setdefault(part_of(name), []).append(reading)
        self._statements = self._answers("statement")
        self._approvals = self._answers("approval")
        said = [r for name in ("statement", "approval") for r in self._by_part.get(name, ())]
        self._unsaid = sum(reading.bits for reading in said)
        """Statements and approvals that nobody has answered may be so. Most are not answered, so
        only those that are get read."""
        self.answerable = tuple(
            (reading.fact, reading.bits)
            for reading in self._by_fact.values()
            if reading.fact.fields
        )
        """Facts that an answer can settle, with the conditions that ask them."""
        self._parties: dict[tuple[Party, Party], Said] = {}
        self._items: dict[Item, Said] = {}
        self._persons: dict[tuple[Any, ...], Said] = {}
        self._questions: dict[tuple[Any, ...], Said] = {}
        self._births: dict[tuple[date | None, date], Said] = {}
        self._case_births: dict[tuple[date | None, date], Said] = {}
        self._ages: dict[tuple[str, Age | None, bool], Said] = {}

    def read(self, facts: Facts) -> Heard:
        """Evaluate every condition, reading only the parts that are new."""
        person = facts.person
        parties = self._parties.get(two := (facts.sender, facts.recipient))
        if parties is None:
            parties = kept(self._parties, two, self._evaluated("parties", facts))
        item = self._items.get(facts.item)
        if item is None:
            item = kept(self._items, facts.item, self._evaluated("item", facts))
        about = self._persons.get(key := _of_person(person))
        if about is None:
            about = kept(self._persons, key, self._evaluated("person", facts))
        question = self._questions.get(key := _of_question(facts))
        if question is None:
            question = kept(self._questions, key, self._evaluated("question", facts))
        age = self._births.get(birth := (person.born, facts.on))
        if age is None:
            age = kept(self._births, birth, self._age("person.age", birth))
        young = self._case_births.get(birth := (facts.case_subject_born, facts.on))
        if young is None:
            young = kept(self._case_births, birth, self._age("case_subject.age", birth))
        yes = parties.yes | item.yes | about.yes | question.yes | age.yes | young.yes
        maybe = self._unsaid | parties.maybe | item.maybe | about.maybe | question.maybe
        maybe |= age.maybe | young.maybe
        for known, answers in (
            (self._statements, person.statements),
            (self._approvals, facts.approvals),
        ):
            for answer in answers.items():
                if answer in known:
                    said, left = known[answer]
                    yes |= said
                    maybe &= left
        parts = (parties, item, about, question, age, young)
        return Heard(yes, maybe, age.leap | young.leap, parts)

    def of(self, fact: str, facts: Facts) -> Masks:
        """Evaluate the conditions on one fact."""
        reading = self._by_fact[fact]
        return _evaluate(reading, reading.fact.read(facts, self._tables))

    def tests_of(self, fact: str) -> tuple[tuple[int, Condition, object], ...]:
        """The conditions on a fact: bit, condition, value on this day."""
        reading = self._by_fact.get(fact)
        return reading.tests if reading else ()

    def facts(self) -> tuple[str, ...]:
        """The names of the facts that some condition asks about."""
        return tuple(self._by_fact)

    def _evaluated(self, part: str, facts: Facts) -> Said:
        yes = maybe = leap = 0
        for reading in self._by_part.get(part, ()):
            found = _evaluate(reading, reading.fact.read(facts, self._tables))
            yes, maybe, leap = yes | found.yes, maybe | found.maybe, leap | found.leap
        return Said(yes, maybe, leap)

    def _age(self, fact: str, birth: tuple[date | None, date]) -> Said:
        """Births that mean the same age are the same part; one to come is not an unknown one."""
        key = (fact, age := age_on(*birth), birth[0] is None)
        found = self._ages.get(key)
        if found is None:
            readings = self._by_part.get(fact, ())
            masks = [_evaluate(reading, age) for reading in readings]
            said = [sum(one) for one in zip(*masks, strict=True)] or [0, 0, 0]
            found = kept(self._ages, key, Said(*said))
        return found

    def _answers(self, part: str) -> Mapping[tuple[str, str], tuple[int, int]]:
        """Per name and answer: what becomes yes, and what may still be so of all there is."""
        out = {}
        for reading in self._by_part.get(part, ()):
            name = reading.fact.name.partition(".")[2]
            for answer in ("yes", "no"):
                found = _evaluate(reading, answer == "yes")
                # An answer can only take away from what may be so.
                out[name, answer] = (found.yes, found.maybe | ~reading.bits)
        return out


def _readings(conditions: tuple[Condition, ...], tables: Tables) -> dict[str, Reading]:
    grouped: dict[str, list[tuple[int, Condition, object]]] = {}
    for n, condition in enumerate(conditions):
        value: object = condition.value
        if isinstance(value, ParameterRef):
            # Without a value on this day the comparison is unknown. The loader has made sure
            # that no rule in force then uses it.
            value = tables.parameters.get(value.parameter, _NEITHER)
        grouped.setdefault(fact_name(condition), []).append((1 << n, condition, value))
    out: dict[str, Reading] = {}
    for name, tests in grouped.items():
        fact = fact_named(name)
        if fact is None:
            raise KeyError(f"there is no fact {name!r}")
        out[name] = Reading(fact, tuple(tests))
    return out


def _evaluate(reading: Reading, value: FactValue | None) -> Masks:
    yes = maybe = leap = 0
    for bit, condition, wanted in reading.tests:
        answer = None if value is None or wanted is _NEITHER else _holds(condition, value, wanted)
        if answer is not False:
            maybe |= bit
        if answer is True:
            yes |= bit
        if answer is None and isinstance(value, Age) and value.least != value.most:
            leap |= bit
    return Masks(yes, maybe, leap)


def _holds(condition: Condition, value: FactValue, wanted: object) -> bool | None:
    """See `Age` for what happens on a leaper's birthday."""
    if isinstance(value, frozenset):
        return isinstance(wanted, tuple) and not value.isdisjoint(wanted)
    if condition.op == "in":
        return isinstance(wanted, tuple) and value in wanted
    if condition.op == "is":
        return value == wanted
    if not isinstance(wanted, int) or not isinstance(value, int | Age):
        raise TypeError(f"{condition.name}: {condition.op} needs numbers, got {value!r}")
    readings = value if isinstance(value, Age) else (value, value)
    below = {years < wanted for years in readings}
    if len(below) > 1:
        return None
    return below.pop() == (condition.op == "<")
