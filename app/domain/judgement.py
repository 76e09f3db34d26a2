"""What a reviewer makes of something in the log: without remark or with one, and why.

Law: PDL 4 kap. 3 § (the model followed for all)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.emergency import Verdict, parse_reason
from app.domain.problem import Problem

_VERDICTS: dict[str, Verdict] = {"justified": "justified", "remark": "remark"}


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One reviewer's verdict and what it rests on."""

    verdict: Verdict
    remark: str


def parse_judgement(typed: Mapping[str, str]) -> Judgement | list[Problem]:
    """The typed fields as a judgement, or all that is wrong with them."""
    verdict = _VERDICTS.get(typed.get("verdict", ""))
    remark = parse_reason(typed.get("remark", ""), field="remark")
    problems = [] if verdict else [Problem(field="verdict", code="choose_one")]
    if isinstance(remark, Problem):
        problems.append(remark)
    if verdict is None or isinstance(remark, Problem):
        return problems
    return Judgement(verdict=verdict, remark=remark)
