"""The facts that conditions may ask about: one Python function per name, and no other logic.

A function gives the value, or None when it is unknown. Values are bool, int, code (str) or `Age`.
A new kind of fact is a new function here with tests, never an expression in a rule file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Literal, NamedTuple

from policies.facts import Facts, Party, Tri
from policies.pack import Crime


class Age(NamedTuple):
    """Whole years on the decision day, read both ways. They differ on one day in a leaper's life.

    Someone born on 29 February has by `least` reached an age on 1 March and by `most` on
    28 February, in years without a leap day. A comparison that the two answer differently is
    neither yes nor no, so it supports no permission and lifts no prohibition.
    """

    least: int
    most: int


class Tables(NamedTuple):
    """The dated tables that some facts look in, as they stand on the decision day."""

    crimes: Mapping[str, Crime]
    parameters: Mapping[str, int]


FactValue = bool | int | str | Age | frozenset[str]
Reader = Callable[[Facts, Tables], FactValue | None]
Shape = Literal["bool", "code", "codes", "number", "age"]


class Fact(NamedTuple):
    """One fact that a condition may name."""

    name: str
    shape: Shape
    fields: tuple[str, ...]
    """Fields of `Facts` that can be unknown and would settle it when answered."""
    codes: str
    """Which codes a condition may compare it with: a table of the pack, or empty."""
    read: Reader


def _tri(value: Tri) -> bool | None:
    return None if value == "unknown" else value == "yes"


def age_on(born: date | None, on: date) -> Age | None:
    """Both readings of an age, None when the birth date is unknown or later than the day."""
    if born is None or born > on:
        return None
    years = on.year - born.year
    least = years - ((on.month, on.day) < (born.month, born.day))
    leaper_today = (born.month, born.day) == (2, 29) and (on.month, on.day) == (2, 28)
    if leaper_today and not _is_leap(on.year):
        return Age(least, years)
    return Age(least, least)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _contact_kind(facts: Facts, _: Tables) -> str | None:
    item = facts.item
    if item.contact_kind is not None:
        return item.contact_kind
    return "" if item.contact_known else None


def _contact_data(facts: Facts, _: Tables) -> bool | None:
    item = facts.item
    if item.contact_kind is not None:
        return True
    return False if item.contact_known else None


def _crime(facts: Facts, tables: Tables) -> Crime | None:
    return None if facts.item.crime is None else tables.crimes.get(facts.item.crime)


def _crime_chapter(facts: Facts, tables: Tables) -> str | None:
    crime = _crime(facts, tables)
    return None if crime is None else crime.chapter


def _crime_min_months(facts: Facts, tables: Tables) -> int | None:
    crime = _crime(facts, tables)
    return None if crime is None else crime.min_months


def _crime_imprisonment(facts: Facts, tables: Tables) -> bool | None:
    crime = _crime(facts, tables)
    return None if crime is None else crime.imprisonment


def _crime_threshold_23(facts: Facts, tables: Tables) -> bool | None:
    """Serious enough for 10:23: one floor for the completed crime, a higher one for attempts.

    Law: OSL 10 kap. 23 §
    """
    crime = _crime(facts, tables)
    completed = tables.parameters.get("crime_months_10_23_completed")
    attempt = tables.parameters.get("crime_months_10_23_attempt")
    if crime is None or completed is None or attempt is None:
        return None
    answers = {"completed": crime.min_months >= completed, "attempt": crime.min_months >= attempt}
    if facts.item.crime_stage != "unknown":
        return answers[facts.item.crime_stage]
    return answers["completed"] if len(set(answers.values())) == 1 else None


def _same(left: str, right: str) -> bool | None:
    return left == right if left and right else None


def _kind(party: Party) -> str:
    return party.kind


def _consent(state: str) -> str | None:
    return None if state == "unknown" else state


def _tri_fact(name: str, read: Callable[[Facts], Tri], field: str | None = None) -> Fact:
    return Fact(name, "bool", (field or name,), "", lambda facts, _: _tri(read(facts)))


def _code_fact(name: str, codes: str, read: Callable[[Facts], str | None], *fields: str) -> Fact:
    return Fact(name, "code", fields, codes, lambda facts, _: read(facts))


_ALL = (
    # Parties
    _code_fact("sender.kind", "kind", lambda f: f.sender.kind),
    _code_fact("recipient.kind", "kind", lambda f: f.recipient.kind),
    _tri_fact("sender.is_authority", lambda f: f.sender.is_authority),
    _tri_fact("recipient.is_authority", lambda f: f.recipient.is_authority),
    Fact("sender.own_secrecy", "codes", (), "", lambda f, _: frozenset(f.sender.own_secrecy)),
    Fact(
        "same_authority", "bool", (), "",
        lambda f, _: _same(f.sender.authority, f.recipient.authority),
    ),
    Fact("same_unit", "bool", (), "", lambda f, _: f.sender.unit == f.recipient.unit),
    Fact(
        "same_municipality", "bool", (), "",
        lambda f, _: _same(f.sender.municipality, f.recipient.municipality),
    ),
    # Item
    _code_fact("item.category", "category", lambda f: f.item.category),
    _tri_fact("item.identifiable", lambda f: f.item.identifiable),
    Fact("item.is_contact_data", "bool", ("item.contact_kind",), "", _contact_data),
    Fact("item.contact_kind", "code", ("item.contact_kind",), "contact_kind", _contact_kind),
    _tri_fact("item.presence_only", lambda f: f.item.presence_only),
    _tri_fact("item.committed_crime", lambda f: f.item.committed_crime),
    _tri_fact("item.victim_under_18", lambda f: f.item.victim_under_18),
    _tri_fact("item.investigation", lambda f: f.item.investigation),
    _tri_fact("item.intelligence", lambda f: f.item.intelligence),
    _tri_fact("item.reporter_identity", lambda f: f.item.reporter_identity),
    _tri_fact("item.concern_report", lambda f: f.item.concern_report),
    _tri_fact("item.health_serious", lambda f: f.item.health_serious),
    _code_fact("item.origin", "kind", lambda f: f.item.origin or ""),
    # The crime the item is about, or that is feared
    _code_fact("crime.code", "crime", lambda f: f.item.crime, "item.crime"),
    Fact("crime.chapter", "code", ("item.crime",), "", _crime_chapter),
    Fact("crime.min_months", "number", ("item.crime",), "", _crime_min_months),
    Fact("crime.imprisonment", "bool", ("item.crime",), "", _crime_imprisonment),
    Fact(
        "crime.threshold_23", "bool", ("item.crime", "item.crime_stage"), "", _crime_threshold_23
    ),
    Fact(
        "crime.completed", "bool", ("item.crime_stage",), "",
        lambda f, _: None if f.item.crime_stage == "unknown" else f.item.crime_stage == "completed",
    ),
    # The described person, and the young person of the case
    Fact("person.age", "age", ("person.born",), "", lambda f, _: age_on(f.person.born, f.on)),
    Fact(
        "case_subject.age", "age", ("case_subject_born",), "",
        lambda f, _: age_on(f.case_subject_born, f.on),
    ),
    _tri_fact("person.protected", lambda f: f.person.protected),
    _tri_fact("person.substance_misuse", lambda f: f.person.substance_misuse),
    _tri_fact("person.compulsory_care", lambda f: f.person.compulsory_care),
    _tri_fact("person.pregnant", lambda f: f.person.pregnant),
    _tri_fact("person.secrecy_towards_guardian", lambda f: f.person.secrecy_towards_guardian),
    _code_fact("consent.subject", "consent", lambda f: _consent(f.person.subject_consent)),
    _code_fact("consent.guardian", "consent", lambda f: _consent(f.person.guardian_consent)),
    # The question
    _code_fact("purpose", "purpose", lambda f: f.purpose, "purpose"),
    _code_fact(
        "initiative", "initiative",
        lambda f: None if f.initiative == "unknown" else f.initiative, "initiative",
    ),
    _tri_fact("requester_verified", lambda f: f.requester_verified),
    _tri_fact("investigation_open", lambda f: f.investigation_open),
    _code_fact("decider.role", "role", lambda f: f.decider_role, "decider_role"),
    _tri_fact("delegated", lambda f: f.delegated),
    _tri_fact("agreement", lambda f: f.agreement),
    _tri_fact("private_use", lambda f: f.private_use),
    _tri_fact("standing_access", lambda f: f.standing_access),
    _tri_fact("gdpr_breach_assumed", lambda f: f.gdpr_breach_assumed),
)  # fmt: skip

FACTS: dict[str, Fact] = {fact.name: fact for fact in _ALL}
"""Every plain fact name. `statement.NAME` and `approval.NAME` come on top, see `fact_named`."""

CODES: dict[str, frozenset[str]] = {
    "consent": frozenset(
        {"given", "not_asked", "refused", "withdrawn", "expired"}
        | {"lapsed_18", "not_yet_valid", "out_of_scope"}
    ),
    "initiative": frozenset({"own", "request"}),
}
"""Codes that are fixed in the engine; the other tables come with the pack."""


def fact_named(name: str) -> Fact | None:
    """The fact with this name, None if there is no such fact."""
    plain = FACTS.get(name)
    if plain is not None:
        return plain
    prefix, _, rest = name.partition(".")
    if not rest:
        return None
    if prefix == "statement":
        return Fact(name, "bool", (), "", lambda f, _: _said(f.person.statements.get(rest)))
    if prefix == "approval":
        return Fact(name, "bool", (), "", lambda f, _: _said(f.approvals.get(rest)))
    return None


def _said(answer: str | None) -> bool | None:
    return None if answer is None else answer == "yes"
