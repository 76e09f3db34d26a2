"""A mark of protected identity taken away: asked for by one person, and done by another.

Anyone in the case team sets the mark, alone and at once. Taking it away opens what a threatening
relative would want opened, so it takes a second person, as a new rule pack and an erasure do.
Law: OSL 21 kap. 3, 3 a §§
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from app.domain.emergency import parse_reason
from app.domain.problem import Problem

WAITS = timedelta(days=7)
"""So long it can be done after it is asked for; then what it rests on is looked into anew."""

LoweredTo = Literal["no", "unknown"]
LoweringOutcome = Literal["lowered", "kept", "withdrawn"]
_TO: dict[str, LoweredTo] = {"no": "no", "unknown": "unknown"}


@dataclass(frozen=True, kw_only=True)
class LoweringTerms:
    """What is to be known instead, and why."""

    to: LoweredTo
    reason: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ProtectionLowering:
    """One question of taking the mark away, and what became of it."""

    id: str
    organisation_id: str
    case_id: str
    subject_id: str
    terms: LoweringTerms
    asked_by: str
    asked_at: datetime
    settled_by: str | None = None
    settled_at: datetime | None = None
    outcome: LoweringOutcome | None = None

    def waits(self, at: datetime) -> bool:
        """Whether another person can still do it."""
        return self.outcome is None and at < self.asked_at + WAITS


def parse_lowering(typed: Mapping[str, str]) -> LoweringTerms | list[Problem]:
    """The typed fields as terms, or all that is wrong with them."""
    to = _TO.get(typed.get("lowered_to", ""))
    reason = parse_reason(typed.get("reason", ""))
    problems = [] if to else [Problem(field="lowered_to", code="choose_one")]
    if isinstance(reason, Problem):
        problems.append(reason)
    if to is None or isinstance(reason, Problem):
        return problems
    return LoweringTerms(to=to, reason=reason)
