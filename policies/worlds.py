"""Every way the facts can be on one day, as far as two packs can tell the ways apart.

Facts that share a field are one group (a crime decides its chapter and its scale at once), and a
group's answers are tried as whole values, unknown among them. So no combination that cannot occur
is ever compared, and none that can is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import product
from typing import Any, NamedTuple

import msgspec

from policies.boxes import Box, meet_all
from policies.facts import Facts, Item, Party, Person
from policies.law import Law
from policies.pack import Condition
from policies.references import fact_name
from policies.snapshot import Snapshot
from policies.unknowns import TRI_FIELDS, born_on_for_age, put
from policies.vocabulary import FACTS

_FIELDS_OF_SURE_FACTS = {
    "sender.kind": ("sender.kind",),
    "recipient.kind": ("recipient.kind",),
    "sender.own_secrecy": ("sender.own_secrecy",),
    "same_authority": ("recipient.authority",),
    "same_unit": ("recipient.unit",),
    "same_municipality": ("recipient.municipality",),
    "item.category": ("item.category",),
    "item.origin": ("item.origin",),
    "consent.subject": ("person.subject_consent",),
    "consent.guardian": ("person.guardian_consent",),
}
"""The fields of facts that have no open question of their own."""

_CONSENTS = ("not_asked", "given", "unknown")
_LEAPER = date(2008, 2, 29)


def fields_of(name: str) -> tuple[str, ...]:
    """The fields that a fact depends on. Raises KeyError for a fact that is new here."""
    if name.startswith(("statement.", "approval.")):
        return (name,)
    return FACTS[name].fields or _FIELDS_OF_SURE_FACTS[name]


class Group(NamedTuple):
    """Facts that hang together, and what is answered about them: the least said first."""

    facts: tuple[str, ...]
    answers: tuple[Facts, ...]


class Side:
    """One pack on one day: each condition as the answers that make it yes, and that may."""

    def __init__(self, law: Law, snapshot: Snapshot, groups: list[Group]) -> None:
        self.law, self.snapshot = law, snapshot
        self.place: dict[int, int] = {}
        """Bit of a condition -> its group."""
        self.yes: dict[int, int] = {}
        self.maybe: dict[int, int] = {}
        self._full = [(1 << len(group.answers)) - 1 for group in groups]
        for number, group in enumerate(groups):
            for fact in group.facts:
                self._read(number, group, fact)

    def _read(self, number: int, group: Group, fact: str) -> None:
        tests = self.snapshot.tests_of(fact)
        for bit, _, _ in tests:
            self.place[bit] = number
            self.yes[bit] = self.maybe[bit] = 0
        for n, facts in enumerate(group.answers if tests else ()):
            masks = self.snapshot.masks_of(fact, facts)
            for bit, _, _ in tests:
                self.yes[bit] |= bool(masks.yes & bit) << n
                self.maybe[bit] |= bool(masks.maybe & bit) << n

    def holds(self, need: int, none: int) -> Box | None:
        """Where every condition of `need` is yes and none of `none` may be: a ground fires."""
        return self._box(need, self.yes, none, self.maybe)

    def may_hold(self, need: int, cures: int) -> Box | None:
        """Where all of `need` may be and nothing of `cures` is yes: where a prohibition fires."""
        return self._box(need, self.maybe, cures, self.yes)

    def _box(self, need: int, known: dict[int, int], none: int, not_: dict[int, int]) -> Box | None:
        parts = [{self.place[bit]: known[bit]} for bit in bits(need)]
        for bit in bits(none):
            group = self.place[bit]
            parts.append({group: self._full[group] & ~not_[bit]})
        return meet_all(parts)

    def condition(self, bit: int) -> Condition:
        """The condition of a bit."""
        return self.snapshot.conditions[bit.bit_length() - 1]


class Worlds:
    """Both packs on a day each, over the same groups of facts."""

    def __init__(self, old: tuple[Law, date], new: tuple[Law, date]) -> None:
        self.laws = (old[0], new[0])
        self.snapshots = (old[0].snapshot(old[1]), new[0].snapshot(new[1]))
        self.on = new[1]
        self.groups = [self._group(facts) for facts in self._joined()]
        self.old, self.new = (
            Side(law, snapshot, self.groups)
            for law, snapshot in zip(self.laws, self.snapshots, strict=True)
        )
        self.full = tuple((1 << len(group.answers)) - 1 for group in self.groups)
        self._numbers = {fact: n for n, group in enumerate(self.groups) for fact in group.facts}

    def at(self, **kinds: str) -> Box:
        """The box where sender, recipient or category is this one, if any rule asks about it."""
        box = {}
        for name, code in kinds.items():
            number = self._numbers.get(f"{name}.kind" if name != "category" else "item.category")
            if number is not None:
                answers = self.groups[number].answers
                field = f"{name}.kind" if name != "category" else "item.category"
                found = [n for n, facts in enumerate(answers) if _get(facts, field) == code]
                box[number] = sum(1 << n for n in found)
        return box

    def _joined(self) -> list[tuple[str, ...]]:
        """The names of the facts asked about, those that share a field together."""
        asked = {fact_name(c): None for snap in self.snapshots for c in snap.conditions}
        groups: list[tuple[set[str], list[str]]] = []
        for fact in sorted(asked):
            fields, facts = set(fields_of(fact)), [fact]
            for other in [group for group in groups if group[0] & fields]:
                groups.remove(other)
                fields |= other[0]
                facts += other[1]
            groups.append((fields, facts))
        return [tuple(sorted(facts)) for _, facts in groups]

    def _group(self, facts: tuple[str, ...]) -> Group:
        fields = sorted({field for fact in facts for field in fields_of(fact)})
        kept: dict[object, Facts] = {}
        asked = [(s, fact) for s in self.snapshots for fact in facts if s.tests_of(fact)]
        for values in product(*(self._candidates(field) for field in fields)):
            tried = _nobody(self.on)
            for field, value in zip(fields, values, strict=True):
                tried = _put(tried, field, value)
            # The kinds and the category are asked for by name, so each is an answer of its own.
            seen = tuple(snapshot.masks_of(fact, tried) for snapshot, fact in asked)
            apart = values if fields[0] in ("sender.kind", "recipient.kind", "item.category") else 0
            kept.setdefault((seen, apart), tried)
        return Group(facts, tuple(kept.values()))

    def _candidates(self, field: str) -> list[Any]:
        """Values of a field that stand for every other, the least said first."""
        if field.startswith(("statement.", "approval.")):
            return [None, "no", "yes"]
        if field in TRI_FIELDS:
            return ["unknown", "no", "yes"]
        if field in ("person.born", "case_subject_born"):
            return self._births("person.age" if field == "person.born" else "case_subject.age")
        if field in ("sender.kind", "recipient.kind"):
            return sorted({kind for law in self.laws for kind in law.vocabulary.kinds})
        if field == "item.category":
            return sorted({code for law in self.laws for code in law.vocabulary.categories})
        if field == "sender.own_secrecy":
            return [[], *([code] for code in self._codes(field)[2:])]
        if field == "item.crime":
            return [None, *sorted({c for s in self.snapshots for c in s.tables.crimes})]
        fixed: dict[str, list[Any]] = {
            "recipient.authority": ["another", "one", ""],
            "recipient.unit": ["another", "one"],
            "recipient.municipality": ["another", "one", ""],
            "person.subject_consent": list(_CONSENTS),
            "person.guardian_consent": list(_CONSENTS),
            "item.crime_stage": ["unknown", "attempt", "completed"],
            "initiative": ["own", "unknown", "request"],
        }
        return fixed[field] if field in fixed else self._codes(field)

    def _codes(self, field: str) -> list[Any]:
        fact = {"decider_role": "decider.role"}.get(field, field)
        asked: set[Any] = set()
        for snapshot in self.snapshots:
            for _, _, wanted in snapshot.tests_of(fact):
                asked |= set(wanted) if isinstance(wanted, tuple) else {wanted}
        asked.discard(True)
        other: list[Any] = [None, "some other"]
        if field == "item.contact_kind":
            other = [None, "", "some other"]
        return [*other, *sorted(code for code in asked if code != "")]

    def _births(self, fact: str) -> list[Any]:
        limits = {
            wanted
            for snapshot in self.snapshots
            for _, _, wanted in snapshot.tests_of(fact)
            if isinstance(wanted, int)
        }
        ages = sorted({max(0, limit + step) for limit in limits for step in (-1, 0)})
        born: list[Any] = [None, *(born_on_for_age(self.on, age) for age in ages)]
        # Someone born on a leap day is on one day of the year neither under the limit nor over.
        days = [date(_LEAPER.year + limit, 2, 28) for limit in sorted(limits) if limit % 4]
        return [*born, *((day, _LEAPER) for day in days)]


def _nobody(on: date) -> Facts:
    """Facts in which nothing has been said."""
    party = Party(kind="", unit="one", authority="one", is_authority="unknown", municipality="one")
    item = Item(
        category="",
        contact_known=False,
        identifiable="unknown",
        presence_only="unknown",
        intelligence="unknown",
    )
    person = Person(subject_consent="not_asked", guardian_consent="not_asked")
    return Facts(on=on, sender=party, recipient=party, item=item, person=person)


def _put(facts: Facts, field: str, value: Any) -> Facts:
    kind, _, name = field.partition(".")
    if kind == "statement":
        said = {} if value is None else {name: value}
        person = msgspec.structs.replace(facts.person, statements=said)
        return msgspec.structs.replace(facts, person=person)
    if kind == "approval":
        return msgspec.structs.replace(facts, approvals={} if value is None else {name: value})
    if isinstance(value, tuple):
        facts, value = msgspec.structs.replace(facts, on=value[0]), value[1]
    if isinstance(value, list):
        value = tuple(value)
    if field == "item.contact_kind" and value is None:
        return facts
    return put(facts, field, value)


def _get(facts: Facts, field: str) -> Any:
    part, _, name = field.partition(".")
    return getattr(getattr(facts, part), name)


def bits(mask: int) -> Iterable[int]:
    """Each bit of a mask."""
    while mask:
        low = mask & -mask
        yield low
        mask ^= low
