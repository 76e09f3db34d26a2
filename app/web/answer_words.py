"""What the law answers towards one organisation, in the words and the order that pages show it.

Nothing is decided here. A note's answer is the worst over the persons it describes, so each person
is told of on their own where they differ. Headings say what somebody is to the young person, never
their name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from app.domain.subject import CasePerson
from app.flows.consider_disclosure import Answer
from app.web.language import current_language
from app.web.person_words import relation_word
from policies import Decision, Explanation, Facts, Law, explain, rules_of
from policies.decision import Step
from policies.other_ways import rule_order
from policies.pack import DUTIES, Rule
from policies.selectors import written_out
from policies.words import WORDS, joined

ORDER = (
    "must",
    "may",
    "needs_assessment",
    "needs_answer",
    "needs_request",
    "needs_approval",
    "needs_consent",
    "none",
    "stop",
)
"""Verdicts as pages sort them: what can leave first, what cannot last."""
GENERAL_WARNING = "unknown_facts"
"""True of nearly every answer, so pages say it once and not on every card."""
_EFFECTS = ("duty_own", "duty_request", "permit", "harm_test", "consent")
_HEAVY = {"answer": 0, "statement": 0, "request": 1, "approval": 2, "consent": 3}


@dataclass(frozen=True, kw_only=True)
class Way:
    """One set of steps after which it could be disclosed."""

    clause: str
    """E.g. `om bedömningen blir att ...`, as the rest of a sentence."""
    grounds: tuple[str, ...]
    """Titles of the rules it would rest on."""
    cites: tuple[str, ...]
    who: tuple[str, ...]
    """Who else than the reader has to do something."""
    effect: str
    """Effect of the first of those rules: `duty_own`, `permit`, `harm_test` ...; or empty."""

    @property
    def duty(self) -> bool:
        """Whether it would be a duty."""
        return self.effect in DUTIES


@dataclass(frozen=True, kw_only=True)
class PersonAnswer:
    """The answer for one described person."""

    subject_id: str
    label: str
    """`den unge`, `vårdnadshavare`."""
    name: str
    told: Explanation
    ways: tuple[Way, ...]
    steps: tuple[tuple[Step, ...], ...]
    """The same ways as the law gives them, in the same order."""
    warnings: tuple[str, ...]
    decision: Decision
    facts: Facts

    @property
    def code(self) -> str:
        """The verdict's code."""
        return self.told.code


@dataclass(frozen=True, kw_only=True)
class AnswerView:
    """One recipient's card."""

    recipient_id: str
    recipient: str
    municipality: str
    code: str
    verdict: str
    persons: tuple[PersonAnswer, ...]
    """Worst answer first."""
    warnings: tuple[str, ...]
    cautions: tuple[str, ...]
    unknown: bool
    """Whether something the law asks about is not known."""

    @property
    def worst(self) -> PersonAnswer:
        """The person whose answer is the note's."""
        return self.persons[0]

    @property
    def alike(self) -> bool:
        """Whether the persons' answers are so alike that one of them tells of all."""
        return len({(p.code, p.told.reason, p.ways) for p in self.persons}) == 1

    @property
    def same_verdict(self) -> bool:
        """Whether the persons differ in what remains only."""
        return len({person.code for person in self.persons}) == 1

    @property
    def effect(self) -> str:
        """Effect of the ground nearest at hand, empty where nothing is."""
        return self.worst.ways[0].effect if self.worst.ways else ""

    @property
    def special(self) -> bool:
        """Whether a provision was written for such a disclosure, beside harm test and consent."""
        return self.effect not in ("", "harm_test", "consent")

    @property
    def open(self) -> bool:
        """Whether it is lawful now, or can become so."""
        return self.code not in ("none", "stop")


def answer_view(law: Law, answer: Answer, persons: Mapping[str, CasePerson]) -> AnswerView:
    """The answer towards one organisation."""
    labels = person_labels(answer.decision.by_person, persons)
    told = [
        _person(law, decision, answer.facts[one], _Who(one, labels[one], _name(persons[one])))
        for one, decision in answer.decision.by_person.items()
    ]
    recipient = answer.recipient
    return _view(told, recipient.id, recipient.name, recipient.municipality)


def open_view(law: Law, facts: Facts, decision: Decision, *, label: str, to: str) -> AnswerView:
    """The answer to a question about nobody in particular: `label` is what the person is."""
    return _view([_person(law, decision, facts, _Who("", label, ""))], facts.recipient.kind, to, "")


def _view(
    told: list[PersonAnswer], recipient_id: str, recipient: str, municipality: str
) -> AnswerView:
    told = sorted(told, key=lambda one: ORDER.index(one.code), reverse=True)
    return AnswerView(
        recipient_id=recipient_id,
        recipient=recipient,
        municipality=municipality,
        code=told[0].code,
        verdict=told[0].told.verdict,
        persons=tuple(told),
        warnings=_distinct(text for one in told for text in one.warnings),
        cautions=_distinct(text for one in told for text in one.told.cautions),
        unknown=any(GENERAL_WARNING in one.decision.flags for one in told),
    )


def sorted_answers(views: Iterable[AnswerView], *, place: str) -> list[AnswerView]:
    """Those that can leave first; then those of one's own place and those that belong to none;
    then by what it would rest on."""
    return sorted(
        views,
        key=lambda one: (
            ORDER.index(one.code),
            one.municipality not in ("", place),
            _EFFECTS.index(one.effect) if one.effect else len(_EFFECTS),
            one.recipient,
        ),
    )


def secrecy_of(views: Iterable[AnswerView]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The provisions that make the item secret at its holder, towards any recipient: those that are
    known to apply, and those that may, because something is not known."""
    known, every = list[str](), list[str]()
    for person in (person for view in views for person in view.persons):
        for one in person.decision.applicable:
            every.append(one.cite)
            if one.rule not in person.told.may_apply:
                known.append(one.cite)
    return _distinct(known), _distinct(cite for cite in every if cite not in known)


def person_labels(described: Iterable[str], persons: Mapping[str, CasePerson]) -> dict[str, str]:
    """What each is to the young person, numbered where several are the same."""
    relations = {subject_id: persons[subject_id].relation for subject_id in described}
    several = {relation for relation, count in Counter(relations.values()).items() if count > 1}
    seen: Counter[str] = Counter()
    labels = {}
    for subject_id, relation in relations.items():
        seen[relation] += 1
        number = f" {seen[relation]}" if relation in several else ""
        labels[subject_id] = relation_word(relation) + number
    return labels


class _Who(NamedTuple):
    subject_id: str
    label: str
    name: str


def _name(person: CasePerson) -> str:
    return person.subject.identity.name


def _person(law: Law, decision: Decision, facts: Facts, who: _Who) -> PersonAnswer:
    told = explain(law, decision, current_language())
    ways = _in_order(law, decision)
    return PersonAnswer(
        subject_id=who.subject_id,
        label=who.label,
        name=who.name,
        facts=facts,
        told=told,
        ways=tuple(_way(law, way, rules) for way, rules in ways),
        steps=tuple(way for way, _ in ways),
        warnings=tuple(
            text
            for flag, text in zip(decision.flags, told.warnings, strict=True)
            if flag != GENERAL_WARNING
        ),
        decision=decision,
    )


def _in_order(law: Law, decision: Decision) -> list[tuple[tuple[Step, ...], tuple[Rule, ...]]]:
    """The ways with the rules each would rest on: duties first, then what the reader can do alone,
    then what needs others."""

    def order(found: tuple[tuple[Step, ...], tuple[Rule, ...]]) -> tuple[bool, int, int, str]:
        way, rules = found
        effect, rule_id = rule_order(rules[0]) if rules else (len(_EFFECTS), "")
        heaviest = max((_HEAVY[step.kind] for step in way), default=0)
        return not (rules and rules[0].effect in DUTIES), heaviest, effect, rule_id

    return sorted(((way, rules_of(law, decision, way)) for way in decision.missing), key=order)


def _way(law: Law, way: tuple[Step, ...], rules: tuple[Rule, ...]) -> Way:
    english = current_language() == "en"
    actors = law.vocabulary.actors
    others = (code for step in way for code in step.by if "handler" not in step.by)
    return Way(
        clause=clause(law, way),
        grounds=_distinct(rule.en if english else rule.sv for rule in rules),
        cites=_distinct(written_out(cite) for rule in rules for cite in rule.cite),
        who=_distinct(actors[code].en if english else actors[code].sv for code in others),
        effect=rules[0].effect if rules else "",
    )


def clause(law: Law, way: tuple[Step, ...]) -> str:
    """The steps as one clause; those of the same kind share their opening words."""
    lang = current_language()
    words = WORDS[lang]
    grouped: dict[str, list[str]] = {}
    for step in way:
        key = f"way_{step.kind}"
        if step.kind == "answer":
            key = "way_yes" if step.value else "way_no"
        grouped.setdefault(key, []).append(law.text(step.condition, lang))
    again = {"way_statement": "and_that", "way_yes": "and_that", "way_no": "nor_that"}
    parts = [
        words[key].format(text=words[again.get(key, "and_also")].join(texts))
        for key, texts in grouped.items()
    ]
    return joined(parts, words["and"])


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
