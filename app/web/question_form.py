"""The form of *Får jag dela?*: which questions matter for what has been chosen, as coded choices.

Which they are is asked of the law: those that a rule still turns on, and those already answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import msgspec
from flask_babel import LazyString, gettext, lazy_gettext

from app.domain.disclosure import QUIET_FACTS, QuietFact
from app.web.language import current_language
from app.web.law_words import (
    Choice,
    category_choices,
    kind_label,
    label,
    purpose_choices,
    question,
    vocabulary,
)
from policies import Decision, Facts, Law, decide
from policies.coded import APPROVED, PERSON_FIELDS, SAID, choices, facts_of_codes
from policies.facts import Tri
from policies.pack import Condition
from policies.vocabulary import FACTS

TO_PERSONS = frozenset({"access", "inform_guardian"})
"""Purposes of telling a private person; the others are for organisations."""
ORDINARY = {
    "contact_kind": "none",
    "committed_crime": "no",
    "investigation": "no",
    "reporter_identity": "no",
    "concern_report": "no",
    "health_serious": "no",
    "protected": "no",
    "secrecy_towards_guardian": "no",
}
"""An item with nothing out of the ordinary about it."""
_ITEM = (
    "contact_kind",
    "committed_crime",
    "crime",
    "crime_stage",
    "victim_under_18",
    "investigation",
    "intelligence",
    "reporter_identity",
    "concern_report",
    "health_serious",
    "presence_only",
    "identifiable",
    "origin",
)
_CIRCUMSTANCES = ("initiative", "requester_verified", "investigation_open", "role")
_CONSENTS = ("subject_consent", "guardian_consent")

CONSENT_WORDS: dict[str, LazyString] = {
    "not_asked": lazy_gettext("inte tillfrågad"),
    "given": lazy_gettext("ja, och det gäller just det här"),
    "refused": lazy_gettext("nej"),
    "withdrawn": lazy_gettext("taget tillbaka"),
    "expired": lazy_gettext("har gått ut"),
    "lapsed_18": lazy_gettext("upphörde på 18-årsdagen"),
    "not_yet_valid": lazy_gettext("har inte börjat gälla"),
    "out_of_scope": lazy_gettext("finns, men gäller något annat"),
    "unknown": lazy_gettext("vet inte"),
}
ANSWERS: tuple[tuple[str, LazyString], ...] = (
    ("yes", lazy_gettext("Ja")),
    ("no", lazy_gettext("Nej")),
    ("unknown", lazy_gettext("Vet inte")),
)
_OWN_WORDS: dict[str, LazyString] = {
    "committed_crime": lazy_gettext("Rör uppgiften misstanke om ett brott som redan har begåtts?"),
    "contact_kind": lazy_gettext(
        "Är uppgiften en kontaktuppgift, eller säger den var någon finns?"
    ),
    "crime": lazy_gettext("Vilket brott gäller misstanken eller risken?"),
    "crime_stage": lazy_gettext("Hur långt kom det?"),
    "origin": lazy_gettext("Kommer uppgiften från någon annan?"),
    "initiative": lazy_gettext("Varför lämnas uppgiften nu?"),
    "role": lazy_gettext("I vilken roll beslutar du?"),
    "subject_consent": lazy_gettext("Samtycke från personen själv"),
    "guardian_consent": lazy_gettext("Samtycke från alla vårdnadshavare som ska lämna det"),
    "same": lazy_gettext("Hör ni till samma nämnd eller myndighet?"),
}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One question: its code in the link, its words, its answers."""

    name: str
    kind: Literal["radios", "select"]
    text: str
    options: list[Choice]
    empty: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """Questions of one sort. `answered` tells whether somebody has answered any of them."""

    id: str
    heading: LazyString
    fields: tuple[Field, ...]
    answered: bool


@dataclass(frozen=True, kw_only=True)
class PlainField:
    """A question that is mostly answered no, with that answer's code."""

    name: str
    code: str
    text: str


@dataclass(frozen=True, kw_only=True)
class QuestionForm:
    """What the form shows now. What comes later depends on what is chosen first."""

    kinds: list[Choice]
    categories: list[Choice]
    """Empty until it is chosen who holds the information."""
    purposes: list[Choice]
    sections: tuple[Section, ...]
    plain: tuple[PlainField, ...]
    """Questions nobody has answered whose no is what is mostly so; one press answers them all."""
    ask_case_child: bool
    """Whether it matters how old the child of the case is, when it is somebody else."""


def question_form(
    law: Law, codes: Mapping[str, str], facts: Facts | None, decision: Decision | None
) -> QuestionForm:
    """The form for what has been chosen so far; `facts` and `decision` once there is an answer."""
    kind = codes.get("from", "")
    to_person = codes.get("to", "").startswith("PERSON")
    sections = _sections(law, codes, facts, decision) if facts and decision else ()
    return QuestionForm(
        kinds=[(code, kind_label(code)) for code in vocabulary().kinds],
        categories=category_choices(kind) if kind and codes.get("to") else [],
        purposes=[one for one in purpose_choices() if to_person or one[0] not in TO_PERSONS],
        sections=sections,
        plain=_plain(law, codes, sections),
        ask_case_child=facts is not None and _about_another(codes),
    )


def _plain(
    law: Law, codes: Mapping[str, str], sections: Iterable[Section]
) -> tuple[PlainField, ...]:
    asked = {field.name for section in sections for field in section.fields}
    return tuple(
        PlainField(name=name, code=code, text=_field(law, name).text)
        for name, code in ORDINARY.items()
        if name in asked and name not in codes
    )


def _that_decide_secrecy(law: Law, codes: Mapping[str, str], on: date) -> set[str]:
    """What else is mostly so, and would take a secrecy away that is counted with till then."""
    return {
        name
        for name, code in ORDINARY.items()
        if name not in codes and _secret(law, codes, on) != _secret(law, {**codes, name: code}, on)
    }


def _secret(law: Law, codes: Mapping[str, str], on: date) -> list[str]:
    facts = facts_of_codes(law, codes, today=on)
    return [one.rule for one in decide(law, facts).applicable]


def _about_another(codes: Mapping[str, str]) -> bool:
    age = codes.get("age", "")
    adult = age.isdecimal() and int(age) >= 18
    return adult or "child" in codes or "child_age" in codes


def _sections(
    law: Law, codes: Mapping[str, str], facts: Facts, decision: Decision
) -> tuple[Section, ...]:
    asked = relevant(law, facts, decision) | quiet_that_matter(law, facts) | codes.keys()
    asked |= _that_decide_secrecy(law, codes, facts.on)
    if codes.get("committed_crime") == "no" and "crime" not in codes:
        asked -= {"crime", "crime_stage", "victim_under_18"}
    conditions = vocabulary().conditions
    every = {
        "uppgiften": (lazy_gettext("Om uppgiften"), _ITEM),
        "personen": (lazy_gettext("Om personen"), PERSON_FIELDS),
        "omstandigheter": (lazy_gettext("Omständigheter"), ("same", *_CIRCUMSTANCES)),
        "samtycke": (lazy_gettext("Samtycke"), _CONSENTS),
        "ovanligt": (lazy_gettext("Utöver det vanliga"), QUIET_FACTS),
        "bedomningar": (
            lazy_gettext("Bedömningar och godkännanden"),
            (*(SAID + name for name in conditions), *(APPROVED + name for name in conditions)),
        ),
    }
    sections = (
        Section(
            id=id_,
            heading=heading,
            fields=tuple(_field(law, name) for name in names if name in asked),
            answered=any(name in codes for name in names),
        )
        for id_, (heading, names) in every.items()
    )
    return tuple(section for section in sections if section.fields)


def relevant(law: Law, facts: Facts, decision: Decision) -> set[str]:
    """The codes that could change the answer, as far as the rules in scope can tell."""
    probe = msgspec.structs.replace(
        facts, item=msgspec.structs.replace(facts.item, presence_only="unknown")
    )
    found: set[str] = {"identifiable", "origin"}
    for step in (*decision.questions, *decide(law, probe).questions):
        found |= set(_fields_of(law.vocabulary.conditions[step.condition]))
    for name in _steps_of_rules(law, decision):
        found |= set(_fields_of(law.vocabulary.conditions[name]))
    return found - {"age", "child_age", "purpose"}


def quiet_that_matter(law: Law, facts: Facts) -> set[str]:
    """What is out of the ordinary and counts as no, where a yes would be answered otherwise."""
    return {
        fact
        for fact in QUIET_FACTS
        if _outcome(law, facts, fact, "yes") != _outcome(law, facts, fact, "no")
    }


def _outcome(law: Law, facts: Facts, fact: QuietFact, said: Tri) -> str:
    """The answer if this is said; what is closed either way is closed in one way."""
    outcome = decide(law, msgspec.structs.replace(facts, **{fact: said})).outcome
    return "none" if outcome == "stop" else outcome


def _steps_of_rules(law: Law, decision: Decision) -> Iterable[str]:
    """Conditions, beside questions, of the rules that hold or nearly do."""
    # What a prohibition has ruled out waits for nothing, unless a way that remains lifts it.
    yield from (step.condition for way in decision.missing for step in way)
    ids = [near.id for near in decision.near if not near.struck_by]
    ids += [rule.id for rule in (*decision.fired, *decision.stops, *decision.strikes)]
    for rule_id in ids:
        rule = law.rules.get(rule_id)
        if rule is not None:
            for name in (*rule.all, *rule.none, *rule.unless):
                condition = law.vocabulary.conditions[name]
                if condition.source in ("consent", "request", "approval") or (
                    condition.fact == "same_authority"
                ):
                    yield name


def _fields_of(condition: Condition) -> Iterable[str]:
    if condition.source == "statement":
        return (SAID + condition.name,)
    if condition.fact == "decider.role":
        return ("role",)
    if condition.source == "approval":
        return (APPROVED + condition.name,)
    if condition.source == "consent":
        return (condition.fact.removeprefix("consent.") + "_consent",)
    if condition.fact == "same_authority":
        return ("same",)
    renamed = {"born": "age", "case_subject_born": "child_age"}
    paths = FACTS[condition.fact].fields if condition.fact in FACTS else ()
    names = (path.rpartition(".")[2] for path in paths)
    return tuple(renamed.get(name, name) for name in names)


def _field(law: Law, name: str) -> Field:
    codes = choices(law, name)
    text = str(_OWN_WORDS.get(name, "")) or _text(name)
    if name in ("contact_kind", "crime", "origin"):
        return Field(
            name=name, kind="select", text=text, options=_named(name, codes), empty=_empty(name)
        )
    if name in _CONSENTS:
        named = [(code, str(CONSENT_WORDS[code])) for code in codes if code != "not_asked"]
        return Field(name=name, kind="select", text=text, options=named, empty=_empty(name))
    return Field(name=name, kind="radios", text=text, options=_named(name, codes))


def _empty(name: str) -> str:
    return {
        "origin": str(gettext("Nej, den är vår egen")),
        "crime": str(gettext("Inte känt")),
        "contact_kind": str(gettext("Inte besvarat")),
    }.get(name, str(CONSENT_WORDS["not_asked"]))


def _named(name: str, codes: Iterable[str]) -> list[Choice]:
    words = vocabulary()
    if name == "contact_kind":
        kinds = [(code, label(term)) for code, term in words.contact_kinds.items()]
        return [("none", str(gettext("Nej, ingen kontaktuppgift"))), *kinds]
    if name == "crime":
        crimes = [(code, label(crime)) for code, crime in words.crimes.items()]
        return sorted(crimes, key=lambda one: one[1])
    if name == "origin":
        return sorted(((code, kind_label(code)) for code in codes), key=lambda one: one[1])
    if name == "role":
        return [(code, label(words.roles[code])) for code in codes]
    own = {
        "completed": str(gettext("Fullbordat")),
        "attempt": str(gettext("Försök, förberedelse eller stämpling")),
        "own": str(gettext("På eget initiativ")),
        "request": str(gettext("Mottagaren har begärt den")),
        **{code: str(text) for code, text in ANSWERS},
    }
    return [(code, own[code]) for code in codes]


def _text(name: str) -> str:
    for prefix in (SAID, APPROVED):
        if name.startswith(prefix):
            condition = vocabulary().conditions[name.removeprefix(prefix)]
            return _asked(condition)
    for fact in (f"item.{name}", f"person.{name}", name):
        found = question(fact)
        if found:
            return found
    return name


def _asked(condition: Condition) -> str:
    asked = condition.question_en if current_language() == "en" else condition.question_sv
    sentence = label(condition)
    return asked or sentence[:1].upper() + sentence[1:] + "?"


def told(law: Law, codes: Mapping[str, str]) -> list[tuple[str, str]]:
    """The question in words, for paper: each code with its question and its answer."""
    words = vocabulary()
    pairs = [
        (str(gettext("Den som har uppgiften")), kind_label(codes["from"])),
        (str(gettext("Den som skulle få den")), kind_label(codes["to"])),
        (str(gettext("Slags uppgift")), label(words.categories[codes["category"]])),
    ]
    if "purpose" in codes:
        pairs.append((str(gettext("Ändamål")), label(words.purposes[codes["purpose"]])))
    if "age" in codes:
        years = str(gettext("%(years)s år", years=codes["age"]))
        leap = str(gettext("född den 29 februari")) if "leap" in codes else ""
        pairs.append((str(gettext("Personens ålder")), ", ".join(filter(None, (years, leap)))))
    if "child_age" in codes:
        years = str(gettext("%(years)s år", years=codes["child_age"]))
        pairs.append((str(gettext("Åldern på barnet i ärendet")), years))
    elsewhere = ("from", "to", "category", "purpose", "age", "leap", "child", "child_age", "on")
    for name, code in codes.items():
        if name not in elsewhere:
            field = _field(law, name)
            pairs.append((field.text, dict(field.options).get(code, field.empty)))
    return pairs
