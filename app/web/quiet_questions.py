"""What is out of the ordinary for a disclosure, asked before the grounds where it would matter.

Law: OSL 7 kap. 1 § (private use), 8 kap. 1 § (standing access), 21 kap. 7 § (breach of the GDPR)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from app.domain.disclosure import QUIET_FACTS, QuietFact
from app.flows.consider_disclosure import Answer
from app.web.language import current_language
from policies import Facts, Law, NoteDecision, decide_note


@dataclass(frozen=True, kw_only=True)
class QuietQuestion:
    """One question. It counts as no until somebody answers yes."""

    field: QuietFact
    question: str


def quiet_questions(law: Law, answer: Answer) -> tuple[QuietQuestion, ...]:
    """Those answered yes, and those whose yes the law would answer otherwise than their no."""
    return tuple(
        QuietQuestion(field=fact, question=_question(law, fact))
        for fact in QUIET_FACTS
        if any(getattr(one, fact) == "yes" for one in answer.facts.values())
        or _told(law, answer.facts, fact, "yes") != _told(law, answer.facts, fact, "no")
    )


def _told(
    law: Law, facts: Mapping[str, Facts], fact: QuietFact, said: Literal["yes", "no"]
) -> list[object]:
    by_person = {one: msgspec.structs.replace(of, **{fact: said}) for one, of in facts.items()}
    decision: NoteDecision = decide_note(law, by_person)
    return [
        # What is closed either way is not opened by an answer, however the law words it.
        ("closed" if one.outcome in ("none", "stop") else one.outcome, one.missing)
        for one in decision.by_person.values()
    ]


def _question(law: Law, fact: QuietFact) -> str:
    condition = law.vocabulary.conditions[fact]
    return condition.question_en if current_language() == "en" else condition.question_sv
