"""A sentence the law leaves to a person, answered yes or no, with what the answer rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.domain.problem import Problem
from app.domain.reasons import says_something, too_short

MAX_REASONS_CHARACTERS = 4_000


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """One answer about one described person, for one note version, recipient and purpose.

    A yes towards one recipient is not a yes towards another, so it is never carried over.
    Law: OSL 8 kap. 1 §
    """

    subject_id: str
    statement: str
    """Name of the statement in the law's vocabulary."""
    answer: Literal["yes", "no"]
    reasons: str
    circumstances: str = ""
    """What, when and seen by whom; required where the statement asks for circumstances."""

    def __repr__(self) -> str:
        return f"Assessment({self.statement!r}, {self.answer!r})"


@dataclass(frozen=True, kw_only=True)
class RecordedAssessment:
    """An assessment with what it was made for, who made it, and when (aware UTC)."""

    assessment: Assessment
    recipient_id: str
    purpose: str
    by: str
    at: datetime


def parse_assessment(
    typed: Mapping[str, str], *, subject_id: str, statement: str, needs_circumstances: bool
) -> Assessment | list[Problem] | None:
    """One statement's fields. None when it was left unanswered and nothing was written beside it.

    Reads `answer`, `reasons` and `circumstances` in `typed`. A yes that the law ties to concrete
    circumstances must name them; a no needs only its reasons.
    """
    name = f"{statement}:{subject_id}"
    answer = typed.get("answer", "")
    reasons = typed.get("reasons", "").strip()
    circumstances = typed.get("circumstances", "").strip()
    if answer not in ("yes", "no"):
        if reasons or circumstances or answer:
            return [Problem(field=f"{name}:answer", code="answer_missing")]
        return None
    problems = [
        Problem(field=f"{name}:{part}", code="too_long", values={"most": MAX_REASONS_CHARACTERS})
        for part, value in (("reasons", reasons), ("circumstances", circumstances))
        if len(value) > MAX_REASONS_CHARACTERS
    ]
    if not reasons:
        problems.append(Problem(field=f"{name}:reasons", code="reasons_missing"))
    elif not says_something(reasons):
        problems.append(too_short(f"{name}:reasons"))
    if answer == "yes" and needs_circumstances:
        if not circumstances:
            problems.append(Problem(field=f"{name}:circumstances", code="circumstances_missing"))
        elif not says_something(circumstances):
            problems.append(too_short(f"{name}:circumstances"))
    if problems:
        return problems
    return Assessment(
        subject_id=subject_id,
        statement=statement,
        answer="yes" if answer == "yes" else "no",
        reasons=reasons,
        circumstances=circumstances,
    )
