"""What a register extract is to hold, and what was assessed before it is released.

Law: dataskyddsförordningen artikel 15.1
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.domain.emergency import parse_reason
from app.domain.problem import Problem

ExtractLanguage = Literal["sv", "en"]
_LANGUAGES: dict[str, ExtractLanguage] = {"sv": "sv", "en": "en"}
MOST_ROWS = 50
"""Rows of the register that one person can be known by."""
MAX_SOUGHT = 120


@dataclass(frozen=True, kw_only=True)
class ExtractOrder:
    """On whom, in which language, and whether those who looked are named."""

    subject_ids: tuple[str, ...]
    language: ExtractLanguage
    staff_named: bool
    assessment: str = field(default="", repr=False)
    """Why members of staff are named; empty when they are not."""


def parse_extract_order(
    typed: Mapping[str, str], subject_ids: Sequence[str]
) -> ExtractOrder | list[Problem]:
    """The typed fields as an order, or all that is wrong with them."""
    problems: list[Problem] = []
    language = _LANGUAGES.get(typed.get("language", ""))
    named = typed.get("staff_named")
    assessment: str | Problem = ""
    if not 0 < len(subject_ids) <= MOST_ROWS:
        problems.append(Problem(field="subject", code="extract_of_nobody"))
    if typed.get("identified") != "yes":
        problems.append(Problem(field="identified", code="not_identified"))
    if language is None:
        problems.append(Problem(field="language", code="choose_one"))
    if named not in ("yes", "no"):
        problems.append(Problem(field="staff_named", code="choose_one"))
    if named == "yes":
        assessment = parse_reason(typed.get("assessment", ""), field="assessment")
    if isinstance(assessment, Problem):
        problems.append(assessment)
    if problems or language is None or isinstance(assessment, Problem):
        return problems
    return ExtractOrder(
        subject_ids=tuple(dict.fromkeys(subject_ids)),
        language=language,
        staff_named=named == "yes",
        assessment=assessment,
    )
