"""Facts from a case or scenario as a person writes it by hand, with what it leaves out filled in.

A case may say less than the engine wants to know, but never something the pack has no word for:
a misspelt code would otherwise be answered as if it were unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeGuard

import msgspec

from policies.errors import CaseError
from policies.facts import Facts
from policies.law import Law
from policies.unknowns import born_on_for_age

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Days outside are a slip of the hand, and the calendar may end before they can be counted on."""
OLDEST_YEARS = 125
_NOT_TRI = ("contact_known", "same_authority")
"""Fields that are true or false, not yes, no or unknown."""

_POLICE_ITEM = {"item": {"origin": "POLICE", "investigation": "yes"}}
_PROTECTED = {"item": {"contact_kind": "home_address"}, "person": {"protected": "yes"}}
_REPORTER = {"item": {"reporter_identity": "yes"}}
ATTRIBUTE_CATEGORIES: dict[str, dict[str, Any]] = {
    "K20": _POLICE_ITEM,
    "K22": _REPORTER,
    "K23": {"item": {"health_serious": "yes"}},
    "K24": _PROTECTED,
    "K25": _PROTECTED,
    "K29": _REPORTER,
    "K30": _REPORTER,
    "K35": {"gdpr_breach_assumed": "yes"},
}
"""Categories that are no category of their own but something about an item of any category."""

_USUAL = {
    "SOC": "K11",
    "SOCFIELD": "K11",
    "SOC_FAMILY": "K12",
    "SOC_P": "K14",
    "SCHOOL_M": "K5",
    "SCHOOL_M_EH": "K3",
    "SCHOOL_M_MED": "K4",
    "SCHOOL_I": "K9",
    "SCHOOL_I_MED": "K4",
    "PRE": "K6",
    "FRITIDSHEM": "K7",
    "OPEN25": "K7",
    "EDUCATION": "K5",
    "KOMVUX": "K8",
    "LEISURE": "K33",
    "CRIMEPREV": "K33",
    "REGION": "K15",
    "HEALTH_P": "K16",
    "SKV": "K26",
    **dict.fromkeys(("POLICE", "PROS", "SAPO", "EBM", "TULL", "KBV"), "K17"),
}
"""What an item of an attribute category is otherwise, at each kind of holder."""


def facts_of(law: Law, written: Mapping[str, Any], on: date) -> Facts:
    """Facts from a scenario's or case's table.

    Raises `CaseError` when the table cannot be read as facts.
    """
    table = _plain({**written, "on": written.get("on", on)})
    together = table.pop("same_authority", False)
    _check_frame(table["on"], together)
    for side in ("sender", "recipient"):
        table[side] = _party(law, side, table.get(side), on=table["on"], together=together)
    for part in ("item", "person"):
        if not isinstance(table.setdefault(part, {}), dict):
            raise CaseError(f"{part} is a table, e.g. {part} = {_EXAMPLES[part]}")
    table = _with_attributes(table)
    for holder, key in (
        (table["item"], "contact_kind"),
        (table["item"], "crime"),
        (table, "purpose"),
    ):
        if holder.get(key) == "none":
            holder[key] = None
    _fill_ages(table)
    _check_words(law, table)
    try:
        return msgspec.convert(table, Facts)
    except msgspec.ValidationError as fault:
        raise CaseError(f"these are not facts that the law can be asked about: {fault}") from fault


def _check_frame(on: object, together: object) -> None:
    """What the rest is read by."""
    if not is_day(on):
        raise CaseError(f"on is a date without quotes, e.g. on = 2026-11-23, not {on!r}")
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise CaseError(f"on is a day from {FIRST_YEAR} to {LAST_YEAR}, not {on}")
    if not isinstance(together, bool):
        raise CaseError(f"same_authority is true or false, not {together!r}")


_EXAMPLES = {"item": '{ category = "K11" }', "person": "{ age = 16 }"}


def is_day(value: object) -> TypeGuard[date]:
    """Whether it is a day. In Python a time of day on a day is a date too, and is none here."""
    return isinstance(value, date) and not isinstance(value, datetime)


def merged(facts: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with changes: a table goes into the table of its name, the rest replaces.

    A birth date and an age stand for the same thing, so either takes the other's place.
    """
    out = dict(facts)
    for name, value in changes.items():
        old = out.get(name)
        out[name] = (
            merged(old, value) if isinstance(value, dict) and isinstance(old, dict) else value
        )
    for age, born in (("age", "born"), ("case_subject_age", "case_subject_born")):
        if age in changes and born not in changes:
            out.pop(born, None)
        if born in changes and age not in changes:
            out.pop(age, None)
    return out


def _plain(value: Any, key: str = "") -> Any:
    """A copy of the table in which true and false are yes and no."""
    if isinstance(value, dict):
        return {name: _plain(inner, name) for name, inner in value.items()}
    if isinstance(value, bool) and key not in _NOT_TRI:
        return "yes" if value else "no"
    return value


def _party(law: Law, side: str, written: Any, *, on: date, together: bool) -> dict[str, Any]:
    if isinstance(written, str):
        written = {"kind": written}
    if not isinstance(written, dict) or "kind" not in written:
        raise CaseError(f'{side} needs a kind, e.g. {side} = {{ kind = "SOC" }}')
    kind = written["kind"]
    _known("kind", side, kind, law.vocabulary.kinds)
    authority = "one authority" if together else f"the {side}'s authority"
    is_authority = "yes" if law.is_authority(kind, on) else "no"
    filled = {"unit": side, "authority": authority, "is_authority": is_authority}
    return {**filled, **written}


def _with_attributes(table: dict[str, Any]) -> dict[str, Any]:
    """An attribute category as the holder's usual category with that attribute."""
    code = table["item"].get("category", "")
    if not isinstance(code, str):
        raise CaseError(f"item.category is one code in quotes, e.g. item = {_EXAMPLES['item']}")
    attribute = ATTRIBUTE_CATEGORIES.get(code)
    usual = _USUAL.get(table["sender"]["kind"])
    if attribute is None or usual is None:
        return table
    said = {**table, "item": {**table["item"], "category": usual}}
    return merged(merged(said, attribute), {name: said[name] for name in attribute if name in said})


def _fill_ages(table: dict[str, Any]) -> None:
    """Ages become birth dates; the case is about the described person if nothing else is said."""
    person = table["person"]
    for holder, age, born in (
        (person, "age", "born"),
        (table, "case_subject_age", "case_subject_born"),
    ):
        if age in holder:
            years, where = holder.pop(age), "person." if holder is person else ""
            if not isinstance(years, int) or not 0 <= years <= OLDEST_YEARS or born in holder:
                raise CaseError(
                    f"{where}{age} is whole years, 0 to {OLDEST_YEARS}, "
                    f"and stands instead of {where}{born}"
                )
            holder[born] = born_on_for_age(table["on"], years)
    if "born" in person:
        table.setdefault("case_subject_born", person["born"])


def _check_words(law: Law, table: Mapping[str, Any]) -> None:
    """Every code is one that the pack has."""
    words, item = law.vocabulary, table["item"]
    if "category" not in item:
        raise CaseError('item needs a category, e.g. item = { category = "K11" }')
    _known("category", "item", item["category"], words.categories)
    _known("crime", "item", item.get("crime"), words.crimes)
    _known("contact_kind", "item", item.get("contact_kind"), words.contact_kinds)
    _known("kind", "item.origin", item.get("origin"), words.kinds)
    _known("purpose", "facts", table.get("purpose"), words.purposes)
    steps = {
        source: [name for name, c in words.conditions.items() if c.source == source]
        for source in ("statement", "approval")
    }
    for where, name, said in (
        ("person.statements", "statement", table["person"].get("statements")),
        ("approvals", "approval", table.get("approvals")),
    ):
        for code in said if isinstance(said, dict) else ():
            _known(name, where, code, steps[name])


def _known(what: str, where: str, code: Any, known: Iterable[str]) -> None:
    listed = sorted(known)
    if code is None or code in listed:
        return
    raise CaseError(f"{where}: unknown {what} {code!r}; the pack has {', '.join(listed)}")
