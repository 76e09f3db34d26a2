"""Each fact of `vocabulary.py` once more, as Cedar text over raw facts.

A condition becomes two expressions: that it is yes, and that it may be. Nothing is taken from our
own evaluation: ages are compared as dates, a crime's chapter and scale as lists of crimes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, NamedTuple

from policies.facts import Facts
from policies.pack import Condition, Crime, ParameterRef
from policies.references import fact_name
from policies.vocabulary import Tables

_YEAR = 10_000
_LEAP_DAY = (2, 29)


class CedarError(Exception):
    """Something in the pack has no twin in Cedar; the message says what to write."""


class Twin(NamedTuple):
    """One condition in Cedar."""

    yes: str
    maybe: str


_TRI = (
    *("sender.is_authority", "recipient.is_authority"),
    *(
        f"item.{name}"
        for name in (
            *("identifiable", "presence_only", "committed_crime", "victim_under_18"),
            *("investigation", "intelligence", "reporter_identity", "concern_report"),
            "health_serious",
        )
    ),
    *(f"person.{name}" for name in ("protected", "substance_misuse", "compulsory_care")),
    *("person.pregnant", "person.secrecy_towards_guardian"),
    *("requester_verified", "investigation_open", "delegated", "agreement"),
    *("private_use", "standing_access", "gdpr_breach_assumed"),
)
_STATES = {
    "consent.subject": "person.subject_consent",
    "consent.guardian": "person.guardian_consent",
    "initiative": "initiative",
}
_PLAIN = ("sender.kind", "recipient.kind", "item.category")
_OPTIONAL = {"purpose": "purpose", "decider.role": "decider_role", "crime.code": "item.crime"}
_SAME = {"same_authority": "authority", "same_municipality": "municipality", "same_unit": "unit"}
_AGES = {"person.age": "person", "case_subject.age": "case_subject"}

_PARTY = "{ kind: String, unit: String, authority: String, municipality: String, "
_PARTY += "is_authority: String, own: Set<String> }"
_ITEM = ", ".join(f"{name[5:]}: String" for name in _TRI if name.startswith("item."))
_PERSON = ", ".join(f"{name[7:]}: String" for name in _TRI if name.startswith("person."))
_BORN = "born?: Long, born_on_leap_day: Bool"
SCHEMA_FACTS = (
    "  today: Long, short_february: Bool, own_known: Bool",
    f"  sender: {_PARTY}",
    f"  recipient: {_PARTY}",
    f"  item: {{ category: String, {_ITEM}, contact_known: Bool, contact_kind?: String, "
    "crime?: String, crime_stage: String, origin?: String }",
    f"  person: {{ {_PERSON}, {_BORN}, subject_consent: String, guardian_consent: String }}",
    f"  case_subject: {{ {_BORN} }}",
    "  purpose?: String, decider_role?: String, initiative: String",
    "  requester_verified: String, investigation_open: String, delegated: String, "
    "agreement: String",
    "  private_use: String, standing_access: String, gdpr_breach_assumed: String",
)


def quoted(text: str) -> str:
    """A Cedar string."""
    return json.dumps(text, ensure_ascii=False)


def number(day: date) -> int:
    """A day as a number that sorts as days do, e.g. 20250401."""
    return day.year * _YEAR + day.month * 100 + day.day


def attributes_of(facts: Facts, *, own_known: bool, answered: frozenset[str]) -> dict[str, Any]:
    """The raw facts as the attributes of the item asked about.

    `answered` are the statements and approvals of the pack: what was recorded under an older pack
    and has no name in this one has no bearing.
    """
    item, person = facts.item, facts.person
    record = {name[5:]: getattr(item, name[5:]) for name in _TRI if name.startswith("item.")}
    record |= {"category": item.category, "contact_known": item.contact_known}
    record |= {"crime_stage": item.crime_stage}
    for name in ("contact_kind", "crime", "origin"):
        if getattr(item, name) is not None:
            record[name] = getattr(item, name)
    about = {name[7:]: getattr(person, name[7:]) for name in _TRI if name.startswith("person.")}
    about |= _born(person.born)
    about |= {name: getattr(person, name) for name in ("subject_consent", "guardian_consent")}
    attributes: dict[str, Any] = {
        "today": number(facts.on),
        "short_february": not _has_leap_day(facts.on.year),
        "own_known": own_known,
        "sender": _party(facts, "sender"),
        "recipient": _party(facts, "recipient"),
        "item": record,
        "person": about,
        "case_subject": _born(facts.case_subject_born),
        "said": {k: v for k, v in person.statements.items() if k in answered},
        "approved": {k: v for k, v in facts.approvals.items() if k in answered},
    }
    for name in ("initiative", "requester_verified", "investigation_open", "delegated"):
        attributes[name] = getattr(facts, name)
    for name in ("agreement", "private_use", "standing_access", "gdpr_breach_assumed"):
        attributes[name] = getattr(facts, name)
    for name in ("purpose", "decider_role"):
        if getattr(facts, name) is not None:
            attributes[name] = getattr(facts, name)
    return attributes


def _party(facts: Facts, which: str) -> dict[str, Any]:
    party = getattr(facts, which)
    names = ("kind", "unit", "authority", "municipality", "is_authority")
    return {**{name: getattr(party, name) for name in names}, "own": list(party.own_secrecy)}


def _born(born: date | None) -> dict[str, Any]:
    if born is None:
        return {"born_on_leap_day": False}
    return {"born": number(born), "born_on_leap_day": (born.month, born.day) == _LEAP_DAY}


def _has_leap_day(year: int) -> bool:
    try:
        date(year, *_LEAP_DAY)
    except ValueError:
        return False
    return True


def twin_of(condition: Condition, tables: Tables) -> Twin:
    """A condition in Cedar. Raises CedarError where there is no way to say it."""
    name = fact_name(condition)
    kind, _, rest = name.partition(".")
    wanted = condition.value
    if isinstance(wanted, ParameterRef):
        found = tables.parameters.get(wanted.parameter)
        if found is None:
            return Twin("false", "true")
        wanted = found
    if kind in ("statement", "approval") and rest:
        _must_be(condition, "is")
        return _answer("said" if kind == "statement" else "approved", rest, wanted is True)
    writer = _WRITERS.get(name)
    if writer is None:
        raise CedarError(f"the fact {name!r} has no twin in cedar_facts.py; write one with a test")
    return writer(condition, wanted, tables)


def _must_be(condition: Condition, *ops: str) -> None:
    if condition.op not in ops:
        raise CedarError(f"{condition.name}: Cedar text has no {condition.op!r} for this fact")


def _answer(record: str, name: str, wanted: bool) -> Twin:
    key = f"resource.{record}[{quoted(name)}]"
    has = f"resource.{record} has {quoted(name)}"
    good, bad = ("yes", "no") if wanted else ("no", "yes")
    return Twin(f"{has} && {key} == {quoted(good)}", f"!({has} && {key} == {quoted(bad)})")


def _list(codes: Iterable[object]) -> str:
    return f"[{', '.join(quoted(str(code)) for code in sorted(map(str, codes)))}]"


def _wanted(condition: Condition, wanted: object) -> tuple[object, ...]:
    _must_be(condition, "is", "in")
    return wanted if isinstance(wanted, tuple) else (wanted,)


Writer = Callable[[Condition, Any, Tables], Twin]


def _tri(path: str) -> Writer:
    def write(condition: Condition, wanted: Any, _: Tables) -> Twin:
        _must_be(condition, "is")
        good, bad = ("yes", "no") if wanted is True else ("no", "yes")
        return Twin(f'resource.{path} == "{good}"', f'resource.{path} != "{bad}"')

    return write


def _state(path: str) -> Writer:
    def write(condition: Condition, wanted: Any, _: Tables) -> Twin:
        yes = f"{_list(_wanted(condition, wanted))}.contains(resource.{path})"
        return Twin(yes, f'({yes}) || resource.{path} == "unknown"')

    return write


def _plain(path: str) -> Writer:
    def write(condition: Condition, wanted: Any, _: Tables) -> Twin:
        yes = f"{_list(_wanted(condition, wanted))}.contains(resource.{path})"
        return Twin(yes, yes)

    return write


def _has(path: str) -> str:
    holder, _, name = f"resource.{path}".rpartition(".")
    return f"{holder} has {name}"


def _optional(path: str) -> Writer:
    def write(condition: Condition, wanted: Any, _: Tables) -> Twin:
        inside = f"{_list(_wanted(condition, wanted))}.contains(resource.{path})"
        return Twin(f"{_has(path)} && {inside}", f"!({_has(path)} && !{inside})")

    return write


def _same(part: str) -> Writer:
    def write(condition: Condition, wanted: Any, _: Tables) -> Twin:
        _must_be(condition, "is")
        left, right = f"resource.sender.{part}", f"resource.recipient.{part}"
        test = f"{left} == {right}" if wanted is True else f"{left} != {right}"
        if part == "unit":
            return Twin(test, test)
        known = f'{left} != "" && {right} != ""'
        return Twin(f"({known}) && {test}", f"!({known}) || {test}")

    return write


def _own(condition: Condition, wanted: Any, _: Tables) -> Twin:
    _must_be(condition, "in")
    yes = f"resource.sender.own.containsAny({_list(wanted)})"
    return Twin(yes, yes)


def _origin(condition: Condition, wanted: Any, _: Tables) -> Twin:
    codes = _wanted(condition, wanted)
    has = _has("item.origin")
    yes = f"({has} && {_list(codes)}.contains(resource.item.origin))"
    if "" in codes:
        yes = f"{yes} || !({has})"
    return Twin(yes, yes)


def _contact_kind(condition: Condition, wanted: Any, _: Tables) -> Twin:
    codes = _wanted(condition, wanted)
    has = _has("item.contact_kind")
    yes = f"({has} && {_list(codes)}.contains(resource.item.contact_kind))"
    if "" in codes:
        yes = f"({yes} || (!({has}) && resource.item.contact_known))"
    return Twin(yes, f"{yes} || (!({has}) && !resource.item.contact_known)")


def _contact_data(condition: Condition, wanted: Any, _: Tables) -> Twin:
    _must_be(condition, "is")
    has = _has("item.contact_kind")
    if wanted is True:
        return Twin(has, f"{has} || !resource.item.contact_known")
    return Twin(f"!({has}) && resource.item.contact_known", f"!({has})")


def _crimes(test: Callable[[Crime, Condition, Any], bool]) -> Writer:
    """A question about a crime's own row: the list of the crimes of which it is so."""

    def write(condition: Condition, wanted: Any, tables: Tables) -> Twin:
        such = _list(code for code, row in tables.crimes.items() if test(row, condition, wanted))
        known = f"({_has('item.crime')} && {_list(tables.crimes)}.contains(resource.item.crime))"
        inside = f"{such}.contains(resource.item.crime)"
        return Twin(f"{known} && {inside}", f"!({known} && !{inside})")

    return write


def _min_months(row: Crime, condition: Condition, wanted: Any) -> bool:
    _must_be(condition, "<", ">=")
    limit = int(wanted)
    return row.min_months < limit if condition.op == "<" else row.min_months >= limit


def _threshold_23(condition: Condition, wanted: Any, tables: Tables) -> Twin:
    """Law: OSL 10 kap. 23 §"""
    _must_be(condition, "is")
    floors = [
        tables.parameters.get(f"crime_months_10_23_{stage}") for stage in ("completed", "attempt")
    ]
    if None in floors:
        return Twin("false", "true")
    over = [
        {code for code, row in tables.crimes.items() if (row.min_months >= (floor or 0)) is wanted}
        for floor in floors
    ]
    crime, stage = "resource.item.crime", "resource.item.crime_stage"
    known = f"({_has('item.crime')} && {_list(tables.crimes)}.contains({crime}))"
    by_stage = [
        f"({stage} == {quoted(name)} && {_list(codes)}.contains({crime}))"
        for name, codes in zip(("completed", "attempt"), over, strict=True)
    ]
    both, either = _list(over[0] & over[1]), _list(over[0] | over[1])
    sure = f'({stage} == "unknown" && {both}.contains({crime}))'
    perhaps = f'({stage} == "unknown" && {either}.contains({crime}))'
    yes = " || ".join([*by_stage, sure])
    maybe = " || ".join([*by_stage, perhaps])
    return Twin(f"{known} && ({yes})", f"!({known} && !({maybe}))")


def _completed(condition: Condition, wanted: Any, _: Tables) -> Twin:
    _must_be(condition, "is")
    good, bad = ("completed", "attempt") if wanted is True else ("attempt", "completed")
    stage = "resource.item.crime_stage"
    return Twin(f'{stage} == "{good}"', f'{stage} != "{bad}"')


def _age(record: str) -> Writer:
    """Birthdays are compared as days; on 28 February a leaper's has come by one reading only."""

    def write(condition: Condition, wanted: Any, _: Tables) -> Twin:
        _must_be(condition, "<", ">=")
        born, years = f"resource.{record}.born", wanted * _YEAR
        known = f"({_has(f'{record}.born')} && {born} <= resource.today)"
        surely = f"resource.today >= {born} + {years}"
        eve = f"resource.{record}.born_on_leap_day && resource.short_february"
        perhaps = f"({surely} || ({eve} && resource.today == {born} + {years} - 1))"
        if condition.op == "<":
            return Twin(f"{known} && !{perhaps}", f"!({known} && {surely})")
        return Twin(f"{known} && ({surely})", f"!({known} && !{perhaps})")

    return write


_WRITERS: dict[str, Writer] = {
    **{name: _tri(name) for name in _TRI},
    **{name: _state(path) for name, path in _STATES.items()},
    **{name: _plain(name) for name in _PLAIN},
    **{name: _optional(path) for name, path in _OPTIONAL.items()},
    **{name: _same(part) for name, part in _SAME.items()},
    **{name: _age(record) for name, record in _AGES.items()},
    "sender.own_secrecy": _own,
    "item.origin": _origin,
    "item.contact_kind": _contact_kind,
    "item.is_contact_data": _contact_data,
    "crime.chapter": _crimes(lambda row, c, wanted: row.chapter in _wanted(c, wanted)),
    "crime.imprisonment": _crimes(lambda row, _, wanted: row.imprisonment is wanted),
    "crime.min_months": _crimes(_min_months),
    "crime.threshold_23": _threshold_23,
    "crime.completed": _completed,
}
