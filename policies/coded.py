"""A question to the law as codes alone, so that it can stand in a link and be printed.

No name, no number, no birth date, nothing that anybody has typed: kinds of organisations and of
information, an age in whole years, yes and no. What has no code is not known, and the unknown never
helps. The same facts make the same codes, and codes the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple, get_args, get_type_hints

import msgspec

from policies.facts import ConsentState, Facts, Item, Party, Person, Tri
from policies.law import Law
from policies.unknowns import born_on_for_age
from policies.vocabulary import age_on

SAID = "said-"
"""Before the name of a statement: whether the assessment came out yes or no."""
APPROVED = "approved-"
"""Before the name of an approval that somebody else gives or refuses."""
INTELLIGENCE = "K19"
OLDEST = 120
EARLIEST, LATEST = date(2009, 6, 30), date(2100, 12, 31)
"""The days that can be asked about: OSL began on the first, and what was before it is not here."""
_LEAP_DAY = (2, 29)


class NotACode(NamedTuple):
    """One code that says nothing the law can be asked about."""

    field: str
    code: str
    """`unknown_code`, `age_form`, `date_form`, `date_outside`, `leap_age` or `not_held`: why."""


class NoCodes(Exception):
    """Facts that codes cannot tell: the message says which."""


def _tri_fields(of: type[msgspec.Struct]) -> tuple[str, ...]:
    hints = get_type_hints(of)
    return tuple(name for name in of.__struct_fields__ if hints[name] == Tri)


ITEM_FIELDS = _tri_fields(Item)
PERSON_FIELDS = _tri_fields(Person)
QUESTION_FIELDS = (
    *("requester_verified", "investigation_open"),
    *("private_use", "standing_access", "gdpr_breach_assumed"),
)
TRI_FIELDS = (*ITEM_FIELDS, *PERSON_FIELDS, *QUESTION_FIELDS)
"""Codes with the answers yes, no and unknown, by the names of their facts."""
QUIET = {
    "identifiable": "yes",
    "presence_only": "no",
    **dict.fromkeys(("private_use", "standing_access", "gdpr_breach_assumed"), "no"),
}
"""What an unanswered question counts as where that is the cautious answer."""


def choices(law: Law, field: str) -> tuple[str, ...]:
    """The codes that a field can have; empty for ages and days."""
    words = law.vocabulary
    fixed: dict[str, tuple[str, ...]] = {
        "from": tuple(words.kinds),
        "to": tuple(words.kinds),
        "same": ("yes", "no"),
        "category": tuple(words.categories),
        "purpose": tuple(words.purposes),
        "contact_kind": ("none", *words.contact_kinds),
        "crime": tuple(words.crimes),
        "crime_stage": ("completed", "attempt", "unknown"),
        "origin": tuple(words.kinds),
        "leap": ("yes",),
        "child": ("none",),
        "initiative": ("own", "request"),
        "role": tuple(words.roles),
        "subject_consent": get_args(ConsentState),
        "guardian_consent": get_args(ConsentState),
    }
    if field in TRI_FIELDS:
        return get_args(Tri)
    if field.startswith(SAID) and _is(law, field.removeprefix(SAID), "statement"):
        return ("yes", "no")
    if field.startswith(APPROVED) and _is(law, field.removeprefix(APPROVED), "approval"):
        return ("yes", "no")
    return fixed.get(field, ())


def _is(law: Law, name: str, source: str) -> bool:
    condition = law.vocabulary.conditions.get(name)
    return condition is not None and condition.source == source


def known_fields(law: Law, codes: Mapping[str, str]) -> dict[str, str]:
    """The codes that belong to a question, in the order given; others and empty ones left out."""
    asked = ("on", "age", "child_age")
    return {
        name: code for name, code in codes.items() if code and (name in asked or choices(law, name))
    }


def wrong_codes(law: Law, codes: Mapping[str, str]) -> tuple[NotACode, ...]:
    """Everything that is wrong with known fields; nothing of it can be asked about."""
    found: list[NotACode] = []
    for name, code in codes.items():
        if name == "on":
            if _day(code) is None:
                found.append(NotACode(name, "date_outside" if _is_day(code) else "date_form"))
        elif name in ("age", "child_age"):
            if _years(code) is None:
                found.append(NotACode(name, "age_form"))
        elif code not in choices(law, name):
            found.append(NotACode(name, "unknown_code"))
    kind, category = codes.get("from", ""), codes.get("category", "")
    held = {one.code for one in law.vocabulary.categories_of(kind)}
    if not found and kind and category and category not in held:
        found.append(NotACode("category", "not_held"))
    if not found and codes.get("leap") and codes.get("age") and _leaper(codes) is None:
        found.append(NotACode("age", "leap_age"))
    return tuple(found)


def _day(code: str) -> date | None:
    try:
        day = date.fromisoformat(code)
    except ValueError:
        return None
    return day if len(code) == len("2026-11-23") and EARLIEST <= day <= LATEST else None


def _is_day(code: str) -> bool:
    try:
        date.fromisoformat(code)
    except ValueError:
        return False
    return len(code) == len("2026-11-23")


def _years(code: str) -> int | None:
    if not (code.isascii() and code.isdecimal() and len(code) <= 3):
        return None
    return int(code) if int(code) <= OLDEST else None


def facts_of_codes(law: Law, codes: Mapping[str, str], *, today: date) -> Facts:
    """The facts that the codes tell. `from`, `to` and `category` must be there, and all right."""
    on = _day(codes.get("on", "")) or today
    told = {**codes, "on": on.isoformat()}
    born = _born(told, on)
    return Facts(
        on=on,
        sender=_party(law, codes["from"], "sender", on, codes),
        recipient=_party(law, codes["to"], "recipient", on, codes),
        item=_item(codes),
        person=_person(codes, born),
        case_subject_born=_case_child(codes, born, on),
        purpose=codes.get("purpose"),
        initiative=codes.get("initiative", "unknown"),  # type: ignore[arg-type]
        decider_role=codes.get("role"),
        approvals=_answers(codes, APPROVED),
        **{name: _tri(codes, name) for name in QUESTION_FIELDS},
    )


def _party(law: Law, kind: str, unit: str, on: date, codes: Mapping[str, str]) -> Party:
    together = codes.get("same") == "yes"
    return Party(
        kind=kind,
        unit=unit,
        authority="one authority" if together else f"the {unit}'s authority",
        is_authority="yes" if law.is_authority(kind, on) else "no",
    )


def _item(codes: Mapping[str, str]) -> Item:
    contact = codes.get("contact_kind")
    stage: Any = codes.get("crime_stage", "unknown")
    return Item(
        category=codes["category"],
        contact_kind=None if contact in (None, "none") else contact,
        contact_known=contact is not None,
        crime=codes.get("crime"),
        crime_stage=stage,
        origin=codes.get("origin"),
        **{name: _tri(codes, name) for name in ITEM_FIELDS},
    )


def _person(codes: Mapping[str, str], born: date | None) -> Person:
    subject: Any = codes.get("subject_consent", "not_asked")
    guardian: Any = codes.get("guardian_consent", "not_asked")
    return Person(
        born=born,
        subject_consent=subject,
        guardian_consent=guardian,
        statements=_answers(codes, SAID),
        **{name: _tri(codes, name) for name in PERSON_FIELDS},
    )


def _tri(codes: Mapping[str, str], name: str) -> Tri:
    if name == "intelligence" and name not in codes:
        # Asked only where it can be so: the question would otherwise shut every note of a school.
        can_be = codes["category"] == INTELLIGENCE or "origin" in codes
        return "unknown" if can_be else "no"
    answer: Any = codes.get(name, QUIET.get(name, "unknown"))
    return answer  # type: ignore[no-any-return]


def _answers(codes: Mapping[str, str], prefix: str) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): code for name, code in codes.items() if name.startswith(prefix)
    }


def _born(codes: Mapping[str, str], on: date) -> date | None:
    years = _years(codes.get("age", ""))
    if years is None:
        return None
    return _leaper(codes) if codes.get("leap") else born_on_for_age(on, years)


def _leaper(codes: Mapping[str, str]) -> date | None:
    """Who is this old and born on 29 February, None if nobody can be."""
    on, years = _day(codes.get("on", "")), _years(codes["age"])
    if on is None or years is None:
        return None
    for year in (on.year - years, on.year - years - 1):
        try:
            born = date(year, *_LEAP_DAY)
        except ValueError:
            continue
        age = age_on(born, on)
        if age is not None and age.least == years:
            return born
    return None


def _case_child(codes: Mapping[str, str], born: date | None, on: date) -> date | None:
    if codes.get("child") == "none":
        return None
    years = _years(codes.get("child_age", ""))
    return born if years is None else born_on_for_age(on, years)


def codes_of_facts(law: Law, facts: Facts) -> dict[str, str]:
    """The codes that tell these facts. Raises `NoCodes` for what no code can tell."""
    codes = {
        "from": facts.sender.kind,
        "to": facts.recipient.kind,
        "category": facts.item.category,
        "on": facts.on.isoformat(),
        **_age_codes(facts),
        **_item_codes(facts.item),
        **{name: getattr(facts.person, name) for name in PERSON_FIELDS},
        **{name: getattr(facts, name) for name in QUESTION_FIELDS},
        "subject_consent": facts.person.subject_consent,
        "guardian_consent": facts.person.guardian_consent,
        **{SAID + name: answer for name, answer in facts.person.statements.items()},
        **{APPROVED + name: answer for name, answer in facts.approvals.items()},
    }
    if facts.sender.authority == facts.recipient.authority:
        codes["same"] = "yes"
    if facts.initiative != "unknown":
        codes["initiative"] = facts.initiative
    optional = {"purpose": facts.purpose, "role": facts.decider_role}
    codes.update({name: code for name, code in optional.items() if code is not None})
    return _without_what_goes_without_saying(law, codes, facts)


def _item_codes(item: Item) -> dict[str, str]:
    codes = {name: getattr(item, name) for name in ITEM_FIELDS}
    if item.contact_kind is not None or item.contact_known:
        codes["contact_kind"] = item.contact_kind or "none"
    if item.crime is not None:
        codes["crime"] = item.crime
    if item.crime_stage != "unknown":
        codes["crime_stage"] = item.crime_stage
    if item.origin is not None:
        codes["origin"] = item.origin
    return codes


def _age_codes(facts: Facts) -> dict[str, str]:
    codes: dict[str, str] = {}
    born, child = facts.person.born, facts.case_subject_born
    age = age_on(born, facts.on)
    if born is not None and age is not None:
        codes["age"] = str(age.least)
        if (born.month, born.day) == _LEAP_DAY:
            codes["leap"] = "yes"
    child_age = age_on(child, facts.on)
    if child is None and born is not None:
        codes["child"] = "none"
    elif child_age is not None and child != born:
        codes["child_age"] = str(child_age.least)
    return codes


def _without_what_goes_without_saying(
    law: Law, codes: dict[str, str], facts: Facts
) -> dict[str, str]:
    """Shorter links: a code is left out where leaving it out tells the same facts."""
    told = facts_of_codes(law, codes, today=facts.on)
    if _asked(told) != _asked(facts):
        different = [
            name
            for name in Facts.__struct_fields__
            if getattr(_asked(told), name) != getattr(_asked(facts), name)
        ]
        raise NoCodes(f"no code tells {', '.join(different)}")
    for name in tuple(codes):
        if name in ("from", "to", "category", "on"):
            continue
        shorter = {other: code for other, code in codes.items() if other != name}
        if _asked(facts_of_codes(law, shorter, today=facts.on)) == _asked(facts):
            codes = shorter
    return codes


def _asked(facts: Facts) -> Facts:
    """The facts with what is opaque or only a way to an age made alike, for comparing."""
    together = facts.sender.authority == facts.recipient.authority
    changed = {
        "sender": _opaque(facts.sender, "sender", together),
        "recipient": _opaque(facts.recipient, "recipient", together),
        "person": msgspec.structs.replace(facts.person, born=_by_age(facts.person.born, facts.on)),
        "case_subject_born": _by_age(facts.case_subject_born, facts.on),
        # Whose decision it is and what has been agreed on: no rule opens anything by them.
        "delegated": "unknown",
        "agreement": "unknown",
    }
    return msgspec.structs.replace(facts, **changed)


def _opaque(party: Party, unit: str, together: bool) -> Party:
    authority = "one authority" if together else f"the {unit}'s authority"
    return msgspec.structs.replace(party, unit=unit, authority=authority, municipality="")


def _by_age(born: date | None, on: date) -> date | None:
    age = age_on(born, on)
    if born is None or age is None or (born.month, born.day) == _LEAP_DAY:
        return born
    return born_on_for_age(on, age.least)
