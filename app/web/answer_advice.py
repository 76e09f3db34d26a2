"""Beside the answer: what to write down, and what else can lawfully be done.

The same for a note in a case and for a question about nobody. Nothing is decided here.
Law: OSL 5 kap. 5 §, 6 kap. 3 och 7 §§, 10 kap. 14 §
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext, ngettext

from app.web.answer_words import AnswerView, PersonAnswer
from app.web.language import current_language
from app.web.law_words import kind_label
from policies import Law, OtherWay, Step, other_ways
from policies.coded import NoCodes, codes_of_facts
from policies.selectors import written_out
from policies.words import WORDS


@dataclass(frozen=True, kw_only=True)
class Instead:
    """Something else that can be done, and the question that shows what the law says of it."""

    kind: str
    text: str
    titles: tuple[str, ...]
    cites: tuple[str, ...]
    codes: dict[str, str]
    """The question as codes, empty where there is nothing more to ask."""


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What belongs to an answer beside the answer itself."""

    write_down: tuple[str, ...]
    instead: tuple[Instead, ...]


def advice(law: Law, view: AnswerView) -> Advice:
    """What to write down and do instead, for the persons of one answer together."""
    found: dict[tuple[str, tuple[str, ...]], list[OtherWay]] = {}
    for person in view.persons:
        for way in other_ways(law, person.facts, person.decision):
            found.setdefault((way.kind, way.rules), []).append(way)
    return Advice(
        write_down=tuple(_write_down(law, view)),
        instead=tuple(_instead(law, ways) for ways in found.values()),
    )


def _instead(law: Law, ways: list[OtherWay]) -> Instead:
    first = ways[0]
    english = current_language() == "en"
    rules = [law.rules[one] for one in first.rules if one in law.rules]
    to = tuple(dict.fromkeys(kind_label(way.facts.recipient.kind) for way in ways))
    try:
        codes = {} if first.kind == "consent" else codes_of_facts(law, first.facts)
    except NoCodes:
        codes = {}
    return Instead(
        kind=first.kind,
        text=_instead_text(first, to),
        titles=tuple(dict.fromkeys(rule.en if english else rule.sv for rule in rules)),
        cites=tuple(dict.fromkeys(written_out(cite) for rule in rules for cite in rule.cite)),
        codes=codes,
    )


def _instead_text(way: OtherWay, to: tuple[str, ...]) -> str:
    recipients = ", ".join(to)
    if way.kind == "duty":
        if way.decision.outcome == "must":
            return str(gettext("En skyldighet gäller mot %(to)s.", to=recipients))
        return str(
            gettext(
                "En skyldighet kan gälla mot %(to)s. Bedöm den för sig, "
                "utan att vänta på samtycke.",
                to=recipients,
            )
        )
    if way.kind == "request":
        then = WORDS[current_language()][way.decision.outcome if _settled(way) else "must"]
        if _settled(way):
            return str(
                gettext("Mottagaren kan begära uppgiften. Svaret blir då: %(then)s.", then=then)
            )
        return str(
            gettext("Mottagaren kan begära uppgiften. Då kan en uppgiftsskyldighet bli aktuell.")
        )
    if way.kind == "consent":
        return str(
            gettext(
                "Inhämta samtycke. Säg vad som ska lämnas ut, till vem, varför och hur länge. "
                "Ett nej får inga följder, och ett ja kan tas tillbaka."
            )
        )
    return str(
        gettext(
            "Ställ frågan utan att någon kan kännas igen. På en liten ort räcker det sällan att "
            "bara utelämna namnet."
        )
    )


def _settled(way: OtherWay) -> bool:
    return way.decision.outcome in ("must", "may")


def _write_down(law: Law, view: AnswerView) -> Iterable[str]:
    yield from _of_disclosure(law, view) if view.open else _refusal()
    if view.code not in ("must", "may") and any(map(_a_person_asks_an_authority, view.persons)):
        yield _tested_anew()


def _of_disclosure(law: Law, view: AnswerView) -> Iterable[str]:
    yield str(gettext("Vad som lämnas ut, om vem, till vem, när, i vilken form och av vem."))
    yield str(gettext("Vilken bestämmelse det vilar på, och om det skedde på begäran."))
    steps: dict[str, Step] = {}
    for person in view.persons:
        steps.update({s.condition: s for s in _first_ways(person)})
    if "request" in {step.kind for step in steps.values()} or _requested(view):
        yield str(
            gettext("Begäran: vem som frågade, dennes ärendenummer och hur du kontrollerade det.")
        )
    for step in steps.values():
        if step.kind == "statement":
            yield _assessment(law, step)
    kinds = {step.kind for step in steps.values()}
    if "consent" in kinds:
        yield str(
            gettext(
                "Samtycket: vem som gav det, om vad, till vem, varför och hur länge. "
                "Skriv ner också ett nej."
            )
        )
    if "approval" in kinds:
        yield str(gettext("Godkännandet: vem som gav det, när och av vilka skäl."))
    if any("receiver_unprotected" in one.decision.flags for one in view.persons):
        yield str(
            gettext(
                "Vilken sekretess uppgiften har hos er. "
                "Tala om för mottagaren att den inte följer med."
            )
        )
    yield str(gettext("Att inget mer än det som behövs lämnas ut."))


def _first_ways(person: PersonAnswer) -> Iterable[Step]:
    """The steps of the ways that pages tell first; those further down are told with their way."""
    return (step for way in person.steps[:2] for step in way)


def _requested(view: AnswerView) -> bool:
    return any(one.facts.initiative == "request" for one in view.persons)


def _a_person_asks_an_authority(one: PersonAnswer) -> bool:
    return one.facts.sender.is_authority == "yes" and one.facts.recipient.kind.startswith("PERSON")


def _tested_anew() -> str:
    return str(
        gettext(
            "Att just den här uppgiften har prövats: en sekretessmarkering (OSL 5 kap. 5 §) "
            "avgör inget. Den som begär uppgiften och nekas kan få ett skriftligt beslut med skäl "
            "(OSL 6 kap. 3 §)."
        )
    )


def _assessment(law: Law, step: Step) -> str:
    condition = law.vocabulary.conditions[step.condition]
    sentence = law.text(step.condition, current_language())
    text = str(
        gettext("Din bedömning av om %(sentence)s, ja eller nej, med skäl", sentence=sentence)
    )
    least = condition.min_circumstances
    if least:
        text += str(
            ngettext(
                " och minst en konkret omständighet: vad, när och vem som har sett det",
                " och minst %(num)s konkreta omständigheter: vad, när och vem som har sett dem",
                least,
            )
        )
    return text + "."


def _refusal() -> Iterable[str]:
    yield str(gettext("Att uppgiften inte lämnades ut, vem som frågade, när och varför."))
    yield str(
        gettext(
            "Den som nekas ska få veta att hen kan begära ett skriftligt beslut med skäl, "
            "som kan överklagas (OSL 6 kap. 3 och 7 §§)."
        )
    )
