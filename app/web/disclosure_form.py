"""The form in which somebody decides a disclosure: from typed fields to an order.

What is left unanswered stays unknown; nothing is ever filled in for anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.domain.assessment import Assessment, parse_assessment
from app.domain.case import parse_reference
from app.domain.disclosure import (
    PERSON_FACTS,
    QUIET_FACTS,
    Circumstance,
    DisclosureOrder,
    Initiative,
    Intent,
)
from app.domain.problem import Problem
from app.flows.consider_disclosure import Considered
from app.web.forms import Typed
from policies import Vocabulary

CHECKED = "checked"
ORDINARY = "ordinary"
"""That nothing is out of the ordinary: said, because what is unanswered is never a no."""
AGAIN = "again"

_Answer = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a form is about: the note, the recipient and the purpose in its address."""

    note_id: str
    recipient_id: str
    purpose: str


def intent(typed: Typed, asked: Asked, *, version: int = 0, described: tuple[str, ...]) -> Intent:
    """The question put to the law, as far as it has been typed."""
    initiative: Initiative = "unknown"
    if typed.value("initiative") == "own":
        initiative = "own"
    if typed.value("initiative") == "request":
        initiative = "request"
    by_request = initiative == "request"
    reference = _request_reference(typed)
    return Intent(
        note_id=asked.note_id,
        version=version,
        recipient_id=asked.recipient_id,
        purpose=asked.purpose,
        initiative=initiative,
        request_reference=reference if by_request and isinstance(reference, str) else "",
        requester_verified=_answer(typed, "requester_verified") if by_request else "unknown",
        investigation_open=_answer(typed, "investigation_open"),
        circumstances=circumstances(typed, described),
        quiet=frozenset(fact for fact in QUIET_FACTS if _answer(typed, fact) == "yes"),
    )


def _request_reference(typed: Typed) -> str | Problem:
    """The recipient's number for their case; empty when they gave none."""
    written = typed.value("request_reference")
    return parse_reference(written, field="request_reference") if written.strip() else ""


def circumstances(typed: Typed, described: tuple[str, ...]) -> tuple[Circumstance, ...]:
    """What has been answered about the described persons, besides assessments."""
    found = []
    for subject_id in described:
        for fact in PERSON_FACTS:
            answer = _answer(typed, f"fact:{fact}:{subject_id}")
            if answer != "unknown":
                found.append(Circumstance(subject_id=subject_id, fact=fact, answer=answer))
    return tuple(found)


def order(
    typed: Typed,
    asked: Asked,
    considered: Considered,
    vocabulary: Vocabulary,
    *,
    for_approval: bool = False,
) -> DisclosureOrder | list[Problem]:
    """The order, or everything that is wrong with it, in the order of the page.

    Before it is approved, nobody needs to have read through the text that is to leave.
    """
    described = considered.note.head.described
    problems = []
    if typed.value("initiative") not in ("own", "request"):
        problems.append(Problem(field="initiative", code="initiative_missing"))
    if isinstance(wrong := _request_reference(typed), Problem):
        problems.append(wrong)
    made = _assessments(typed, described, vocabulary)
    if isinstance(made, list):
        problems += made
    if not typed.value(CHECKED) and not for_approval:
        problems.append(Problem(field=CHECKED, code="text_not_checked"))
    unusual = any(_answer(typed, fact) == "yes" for fact in QUIET_FACTS)
    if not typed.value(ORDINARY) and not unusual and not for_approval:
        problems.append(Problem(field=ORDINARY, code="ordinary_not_said"))
    if problems or isinstance(made, list):
        return problems
    return DisclosureOrder(
        intent=intent(typed, asked, version=_version(typed), described=described),
        assessments=_new(made, considered),
        again=bool(typed.value(AGAIN)),
        token=typed.once,
    )


def _assessments(
    typed: Typed, described: tuple[str, ...], vocabulary: Vocabulary
) -> tuple[Assessment, ...] | list[Problem]:
    made: list[Assessment] = []
    problems: list[Problem] = []
    for subject_id in described:
        for statement in vocabulary.statements():
            name = f"{statement.name}:{subject_id}"
            parsed = parse_assessment(
                {
                    part: typed.value(f"{name}:{part}")
                    for part in ("answer", "reasons", "circumstances")
                },
                subject_id=subject_id,
                statement=statement.name,
                needs_circumstances=statement.min_circumstances > 0,
            )
            if isinstance(parsed, list):
                problems += parsed
            elif parsed is not None:
                made.append(parsed)
    return problems or tuple(made)


def _new(made: tuple[Assessment, ...], considered: Considered) -> tuple[Assessment, ...]:
    """Without those recorded already, word for word, when the same form was refused before."""
    latest = {
        (one.assessment.subject_id, one.assessment.statement): one.assessment
        for one in considered.recorded
    }
    return tuple(one for one in made if latest.get((one.subject_id, one.statement)) != one)


def _answer(typed: Typed, name: str) -> _Answer:
    value = typed.value(name)
    return "yes" if value == "yes" else "no" if value == "no" else "unknown"


def _version(typed: Typed) -> int:
    text = typed.value("version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
