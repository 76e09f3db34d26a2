"""What could still be answered: the facts that are unknown, and which answers go together.

One unknown fact can decide several conditions at once (a birth date decides both "under 18" and
"under 21"), so answers are tried as whole values of the fact, never as bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import reduce
from itertools import product
from typing import Any, NamedTuple, cast

import msgspec

from policies.facts import Facts
from policies.keeping import kept
from policies.masks import Heard
from policies.snapshot import Snapshot
from policies.vocabulary import CODES, FACTS

TRI_FIELDS = (
    *("sender.is_authority", "recipient.is_authority"),
    *(
        f"item.{name}"
        for name in ("identifiable", "presence_only", "committed_crime", "victim_under_18")
    ),
    *(f"item.{name}" for name in ("investigation", "intelligence", "reporter_identity")),
    *("item.concern_report", "item.health_serious"),
    *(f"person.{name}" for name in ("protected", "substance_misuse", "compulsory_care")),
    *("person.pregnant", "person.secrecy_towards_guardian"),
    *("requester_verified", "investigation_open", "delegated", "agreement"),
    *("private_use", "standing_access", "gdpr_breach_assumed"),
)

_DAYS_INTO_THE_YEAR = timedelta(days=100)
"""Far enough from the birthday that a made-up birth date means one age, whatever the year."""


class Pattern(NamedTuple):
    """What one complete answer says about the conditions of a component."""

    yes: int
    maybe: int


class Component:
    """Conditions that hang together through unknown facts, and the answers that are possible."""

    def __init__(self, conditions: int, patterns: tuple[Pattern, ...]) -> None:
        self.conditions = conditions
        self.patterns = patterns
        self._known: dict[tuple[int, int], tuple[int, int] | None] = {}

    def follow(self, pos: int, neg: int) -> tuple[int, int] | None:
        """All that is yes and no once these are answered; None if they cannot be so together."""
        key = (pos, neg)
        if key not in self._known:
            self._known[key] = self._work_out(pos, neg)
        return self._known[key]

    def _work_out(self, pos: int, neg: int) -> tuple[int, int] | None:
        left = [p for p in self.patterns if not (pos & ~p.yes or neg & p.maybe)]
        if not left:
            return None
        yes = reduce(int.__and__, (p.yes for p in left))
        return yes, self.conditions & ~reduce(int.__or__, (p.maybe for p in left))


class Unknowns(NamedTuple):
    """What is open in one question."""

    components: tuple[Component, ...]
    can_yes: int
    can_no: int
    conditions: int
    """All conditions of all components."""

    def consistent(self, pos: int, neg: int) -> bool:
        """Whether some complete answer makes `pos` yes and `neg` no."""
        both = pos | neg
        for component in self.components:
            mine = component.conditions
            if both & mine and component.follow(pos & mine, neg & mine) is None:
                return False
        return True

    def consequence(self, pos: int, neg: int) -> tuple[int, int]:
        """All that is known to be yes, and to be no, once `pos` and `neg` are answered."""
        both = pos | neg
        for component in self.components:
            mine = component.conditions
            if both & mine:
                found = component.follow(pos & mine, neg & mine)
                if found is not None:
                    pos |= found[0]
                    neg |= found[1]
        return pos, neg


def find_unknowns(snapshot: Snapshot, facts: Facts, heard: Heard) -> Unknowns:
    """The open questions of a system kind. Statements and other steps are not among them."""
    # What is open follows from the parts of the facts, so the same parts leave the same open.
    found = snapshot.answers.get(heard.parts)
    if found is None:
        system = snapshot.mask_of("system") & heard.maybe & ~heard.yes
        found = kept(snapshot.answers, heard.parts, _unknowns(snapshot, facts, system))
    return cast("Unknowns", found)


def _unknowns(snapshot: Snapshot, facts: Facts, system: int) -> Unknowns:
    components = []
    can_yes = can_no = conditions = 0
    for group in _groups(snapshot, facts, system):
        component = _component(snapshot, facts, group)
        components.append(component)
        conditions |= group.conditions
        for pattern in component.patterns:
            can_yes |= pattern.yes
            can_no |= group.conditions & ~pattern.maybe
    return Unknowns(tuple(components), can_yes & system, can_no & system, conditions)


class _Group(NamedTuple):
    fields: frozenset[str]
    """Unknown fields that the facts share."""
    facts: tuple[str, ...]
    conditions: int


def _groups(snapshot: Snapshot, facts: Facts, system: int) -> list[_Group]:
    groups: list[_Group] = []
    for fact, asking in snapshot.answerable:
        bits = asking & system
        if not bits:
            continue
        fields = frozenset(field for field in fact.fields if is_unknown(facts, field))
        if not fields:
            continue
        joined = [group for group in groups if group.fields & fields]
        groups = [group for group in groups if not group.fields & fields]
        group = _Group(fields, (fact.name,), bits)
        for other in joined:
            group = _Group(
                group.fields | other.fields,
                other.facts + group.facts,
                group.conditions | other.conditions,
            )
        groups.append(group)
    return groups


def _component(snapshot: Snapshot, facts: Facts, group: _Group) -> Component:
    # The patterns depend on nothing but the fields of these facts, so they are worked out once.
    fields = sorted({f for name in group.facts for f in FACTS[name].fields})
    key = (group, tuple(_get(facts, field) for field in fields))
    found = snapshot.answers.get(key)
    if found is None:
        made = Component(group.conditions, _work_out(snapshot, facts, group))
        found = kept(snapshot.answers, key, made)
    return cast("Component", found)


def _work_out(snapshot: Snapshot, facts: Facts, group: _Group) -> tuple[Pattern, ...]:
    fields = sorted(group.fields)
    patterns = set()
    for values in product(*(_candidates(snapshot, facts, field) for field in fields)):
        tried = facts
        for field, value in zip(fields, values, strict=True):
            tried = put(tried, field, value)
        yes = maybe = 0
        for name in group.facts:
            masks = snapshot.masks_of(name, tried)
            yes |= masks.yes
            maybe |= masks.maybe
        patterns.add(Pattern(yes & group.conditions, maybe & group.conditions))
    return tuple(sorted(patterns))


def is_unknown(facts: Facts, field: str) -> bool:
    """Whether a field of the facts is open."""
    if field == "item.contact_kind":
        return facts.item.contact_kind is None and not facts.item.contact_known
    return _get(facts, field) in (None, "unknown")


def _candidates(snapshot: Snapshot, facts: Facts, field: str) -> tuple[Any, ...]:
    """Values that stand for every way to answer: one on each side of each comparison."""
    if field in TRI_FIELDS:
        return ("yes", "no")
    special: dict[str, Callable[[], Iterable[Any]]] = {
        "item.crime": lambda: sorted(snapshot.tables.crimes),
        "item.crime_stage": lambda: ("completed", "attempt"),
        "item.contact_kind": lambda: ["", *_codes_asked(snapshot, "item.contact_kind")],
        "purpose": lambda: _codes_asked(snapshot, "purpose"),
        "decider_role": lambda: _codes_asked(snapshot, "decider.role"),
        "initiative": lambda: sorted(CODES["initiative"]),
        "person.born": lambda: _births(snapshot, facts, "person.age"),
        "case_subject_born": lambda: _births(snapshot, facts, "case_subject.age"),
    }
    return tuple(special[field]())


def _codes_asked(snapshot: Snapshot, fact: str) -> list[str]:
    asked: set[str] = {"some other"}
    for _, _, wanted in snapshot.tests_of(fact):
        asked |= set(wanted) if isinstance(wanted, tuple) else {str(wanted)}
    return sorted(asked)


def _births(snapshot: Snapshot, facts: Facts, fact: str) -> list[date]:
    limits = {wanted for _, _, wanted in snapshot.tests_of(fact) if isinstance(wanted, int)}
    ages = sorted({max(0, limit + step) for limit in limits for step in (-1, 0)})
    return [born_on_for_age(facts.on, age) for age in ages]


def born_on_for_age(on: date, age: int) -> date:
    """A birth date of someone who is this old on the day, well away from the birthday."""
    then = on - _DAYS_INTO_THE_YEAR
    return then.replace(year=then.year - age, day=min(then.day, 28))


def put(facts: Facts, field: str, value: Any) -> Facts:
    """The facts with one field answered."""
    part, _, name = field.rpartition(".")
    if not part:
        return msgspec.structs.replace(facts, **{name: value})
    changes = {name: value}
    if field == "item.contact_kind":
        changes = {name: value or None, "contact_known": True}
    inner = msgspec.structs.replace(getattr(facts, part), **changes)
    return msgspec.structs.replace(facts, **{part: inner})


def _get(facts: Facts, field: str) -> Any:
    return reduce(getattr, field.split("."), facts)
