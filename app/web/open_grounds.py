"""The grounds that could carry a disclosure, each with what the law still asks for it.

Every question stands under the ground it belongs to, so that whoever is in a hurry answers one way
and no more. What only others can answer is told with where it is done. Nothing is answered here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from app.domain.assessment import RecordedAssessment
from app.domain.disclosure import PERSON_FACTS, Circumstance, PersonFact
from app.flows.ask_approval import SUPERVISOR
from app.flows.consider_disclosure import Considered
from app.web.answer_words import PersonAnswer, clause
from app.web.case_page import named
from app.web.language import current_language
from policies import Decision, Law, Near, Step, rules_of
from policies.pack import DUTIES, Condition, Rule
from policies.selectors import written_out

Where = Literal[
    "note",
    "person",
    "initiative",
    "purpose",
    "consent",
    "principal",
    "supervisor",
    "approval",
    "",
]
"""Where something that is not answered under its ground is answered instead."""

_PARTS: tuple[tuple[str, Where], ...] = (
    ("item.", "note"),
    ("crime.", "note"),
    ("person.", "person"),
    ("case_subject.", "person"),
    ("requester_verified", "initiative"),
    ("investigation_open", "initiative"),
    ("initiative", "initiative"),
    ("purpose", "purpose"),
)


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What somebody has answered before, for exactly this disclosure."""

    answer: str
    reasons: str
    circumstances: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question with its fields. `field` is what their names begin with."""

    field: str
    kind: Literal["statement", "circumstance"]
    question: str
    needs_circumstances: bool = False
    recorded: Recorded | None = None
    before: Literal["yes", "no", ""] = ""
    """The recorded answer to a circumstance, which counts until it is answered anew."""
    above: str = ""
    """Title of the ground under which the page asks it already."""


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """Something that remains and is not answered in this form."""

    text: str
    where: Where
    who: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class GroundView:
    """One ground, with what is known, what is asked, and what others must do."""

    id: str
    title: str
    plain: str
    cites: tuple[str, ...]
    duty: bool
    holds: bool
    """Whether it carries now."""
    known: tuple[str, ...]
    asked: tuple[Asked, ...]
    elsewhere: tuple[Elsewhere, ...]

    @property
    def open_questions(self) -> int:
        """How many of its questions nobody has answered."""
        return sum(one.recorded is None and not one.before for one in self.asked)

    @property
    def needs(self) -> frozenset[str]:
        """What kinds of things others have to do for it."""
        return frozenset(one.where for one in self.elsewhere)


@dataclass(frozen=True, kw_only=True)
class PersonGrounds:
    """What is asked about one described person."""

    answer: PersonAnswer
    grounds: tuple[GroundView, ...]
    asked: tuple[Asked, ...]
    """Questions that belong to no single ground."""
    elsewhere: tuple[Elsewhere, ...]
    here: bool
    """Whether answers in this form can be enough, or are so already."""
    facts_first: bool
    """Whether every way waits for a fact that belongs to the note or the person."""


def person_grounds(
    law: Law,
    considered: Considered,
    answer: PersonAnswer,
    circumstances: Sequence[Circumstance],
) -> PersonGrounds:
    """`circumstances` are those typed so far: what has been asked is asked until it is sent."""
    return _Asker(law, considered, answer, circumstances).ask()


class _Asker:
    def __init__(
        self,
        law: Law,
        considered: Considered,
        answer: PersonAnswer,
        circumstances: Sequence[Circumstance],
    ) -> None:
        self.law, self.answer = law, answer
        self.decision: Decision = answer.decision
        self.recorded = _latest(considered, answer.subject_id)
        self.bits = law.snapshot(self.decision.on).bits
        self.yes, self.maybe = (
            int(mask, 16) for mask in (self.decision.yes_mask, self.decision.maybe_mask)
        )
        known = considered.answers[0].facts[answer.subject_id].person
        typed = {one.fact for one in circumstances if one.subject_id == answer.subject_id}
        self.before: dict[str, Literal["yes", "no", ""]] = {
            fact: found
            for fact in PERSON_FACTS
            if fact not in typed and (found := getattr(known, fact)) in ("yes", "no")
        }
        self.spoken_of = typed | self.before.keys()
        self.asked: dict[str, str] = {}

    def ask(self) -> PersonGrounds:
        unmet = {near.id: set(near.unmet) for near in self.decision.near}
        grounds = tuple(self._ground(rule, unmet.get(rule.id, set())) for rule in self._rules())
        covered = {
            name.removeprefix("not:") for rule in self._rules() for name in unmet.get(rule.id, ())
        }
        rest = {
            step.condition: step
            for way in self.decision.missing
            for step in way
            if step.condition not in covered
        }
        loose = [self._question(name) for name in rest]
        # An answer that no ground shown here asks for has its field too: it can always be revised.
        loose += [self._question(name) for name in self._left_over(grounds, rest)]
        typed = [self._circumstance(fact) for fact in PERSON_FACTS if fact in self.spoken_of]
        here = any(all(self._here(step) for step in way) for way in self.decision.missing)
        return PersonGrounds(
            answer=self.answer,
            grounds=grounds,
            asked=tuple(
                one for one in [*loose, *typed] if isinstance(one, Asked) and not one.above
            ),
            elsewhere=tuple(one for one in loose if isinstance(one, Elsewhere)),
            here=here or self.decision.outcome in ("must", "may") or bool(self.recorded),
            facts_first=bool(self.decision.missing)
            and all(any(map(self._is_fact, way)) for way in self.decision.missing),
        )

    def _left_over(self, grounds: Sequence[GroundView], loose: Iterable[str]) -> list[str]:
        fields = {one.field for ground in grounds for one in ground.asked}
        return [
            name
            for name in self.recorded
            if name not in loose and f"{name}:{self.answer.subject_id}" not in fields
        ]

    def _rules(self) -> list[Rule]:
        """Those that hold, those already spoken of, those that a way would make hold."""
        rules = self.law.rules
        found = [rules[fired.id] for fired in self.decision.fired if fired.id in rules]
        found += [rules[near.id] for near in self.decision.near if self._spoken_of(near)]
        for way in self.answer.steps:
            found += rules_of(self.law, self.decision, way)
        return list(dict.fromkeys(found))

    def _spoken_of(self, near: Near) -> bool:
        """Whether a question of it has been answered, and no known fact stands in its way.

        A recorded no is not suggested again, but whoever gave it can think again.
        """
        recorded = self.recorded.keys() & set(self.law.rules[near.id].all)
        return bool(recorded) and not near.struck_by and all(map(self._is_open, near.unmet))

    def _is_open(self, unmet: str) -> bool:
        """Whether it is for a person to answer or to do, or not known."""
        condition = self.law.vocabulary.conditions[unmet.removeprefix("not:")]
        bit = self.bits[condition.name]
        return condition.source != "system" or bool(bit & self.maybe & ~self.yes)

    def _ground(self, rule: Rule, unmet: set[str]) -> GroundView:
        english = current_language() == "en"
        asked: list[Asked] = []
        elsewhere: list[Elsewhere] = []
        known: list[str] = []
        for name in (*rule.all, *rule.none):
            question = self._question(name)
            if isinstance(question, Asked):
                asked.append(self._once(question, rule))
            elif name in unmet or f"not:{name}" in unmet:
                elsewhere.append(question)
            elif name in rule.all:
                known.append(self.law.text(name, current_language()))
        return GroundView(
            id=rule.id,
            title=rule.en if english else rule.sv,
            plain=rule.explain_en if english else rule.explain_sv,
            cites=tuple(written_out(cite) for cite in rule.cite),
            duty=rule.effect in DUTIES,
            holds=any(fired.id == rule.id for fired in self.decision.fired),
            known=tuple(known),
            asked=tuple(asked),
            elsewhere=tuple(elsewhere),
        )

    def _once(self, question: Asked, rule: Rule) -> Asked:
        """A question that several grounds share has one set of fields, under the first of them."""
        title = rule.en if current_language() == "en" else rule.sv
        first = self.asked.setdefault(question.field, title)
        return question if first is title else replace(question, above=first)

    def _question(self, name: str) -> Asked | Elsewhere:
        condition = self.law.vocabulary.conditions[name]
        if condition.source == "statement":
            return Asked(
                field=f"{name}:{self.answer.subject_id}",
                kind="statement",
                question=self._text(condition),
                needs_circumstances=condition.min_circumstances > 0,
                recorded=self.recorded.get(name),
            )
        fact = condition.fact.removeprefix("person.")
        if fact in PERSON_FACTS:
            return self._circumstance(fact)
        return self._elsewhere(condition)

    def _circumstance(self, fact: PersonFact) -> Asked:
        condition = next(
            one for one in self.law.vocabulary.conditions.values() if one.fact == f"person.{fact}"
        )
        field = f"fact:{fact}:{self.answer.subject_id}"
        return Asked(
            field=field,
            kind="circumstance",
            question=self._text(condition),
            before=self.before.get(fact, ""),
            above=self.asked.get(field, ""),
        )

    def _elsewhere(self, condition: Condition) -> Elsewhere:
        actors, english = self.law.vocabulary.actors, current_language() == "en"
        step = Step(kind="answer", condition=condition.name)
        if condition.source in ("consent", "request", "approval"):
            step = Step(kind=condition.source, condition=condition.name)
        others = [code for code in condition.by if "handler" not in condition.by]
        return Elsewhere(
            text=self._text(condition)
            if condition.source == "system"
            else clause(self.law, (step,)),
            where=_where(condition),
            who=tuple(actors[code].en if english else actors[code].sv for code in others),
        )

    def _here(self, step: Step) -> bool:
        if step.kind in ("statement", "request"):
            return True
        condition = self.law.vocabulary.conditions[step.condition]
        fact = condition.fact.removeprefix("person.")
        return step.kind == "answer" and (fact in PERSON_FACTS or _where(condition) == "initiative")

    def _is_fact(self, step: Step) -> bool:
        """Whether it is answered where the note or the person is written down."""
        where = _where(self.law.vocabulary.conditions[step.condition])
        return step.kind == "answer" and where in ("note", "person") and not self._here(step)

    def _text(self, condition: Condition) -> str:
        english = current_language() == "en"
        asked = condition.question_en if english else condition.question_sv
        sentence = condition.en if english else condition.sv
        return asked or sentence[:1].upper() + sentence[1:] + "?"


def _where(condition: Condition) -> Where:
    if condition.source == "consent":
        return "consent"
    if condition.source == "approval":
        if condition.fact == "decider.role":
            return "principal"
        return "supervisor" if SUPERVISOR in condition.by else "approval"
    return next((where for part, where in _PARTS if condition.fact.startswith(part)), "")


def _latest(considered: Considered, subject_id: str) -> Mapping[str, Recorded]:
    """The latest answer to each statement about the person, with who gave it."""
    about = [made for made in considered.recorded if made.assessment.subject_id == subject_id]
    return {made.assessment.statement: _recorded(made, considered) for made in about}


def _recorded(made: RecordedAssessment, considered: Considered) -> Recorded:
    return Recorded(
        answer=made.assessment.answer,
        reasons=made.assessment.reasons,
        circumstances=made.assessment.circumstances,
        by=named(considered.staff.get(made.by)),
        at=made.at,
    )
