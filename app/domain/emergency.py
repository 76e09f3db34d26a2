"""Break-glass (nödöppning): one's own organisation's case opened by somebody outside its team.

The terms are fixed when it is asked for: who, which case, why, and until when. Nothing renews it.
Law: OSL 7 kap. 1 §, PDL 4 kap. 2, 3 §§ (the model followed for all)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from app.domain.problem import Problem
from app.domain.reasons import says_something, too_short

LASTS = timedelta(hours=4)
"""From when it is asked for, whether or not it then waits for a second person."""
REVIEWED_WITHIN = timedelta(hours=72)
LONGEST_REASON = 2000

Verdict = Literal["justified", "remark"]


@dataclass(frozen=True, kw_only=True)
class EmergencyTerms:
    """What was asked for. Never changed. Times are aware UTC."""

    id: str
    organisation_id: str
    case_id: str
    staff_id: str
    reason: str
    asked_at: datetime
    ends_at: datetime
    needs_second: bool
    """Somebody in the case has, or may have, protected identity."""


@dataclass(frozen=True, kw_only=True)
class EmergencyOpening:
    """The terms, and what has happened since."""

    terms: EmergencyTerms
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    verdict: Verdict | None = None

    def opens(self, at: datetime) -> bool:
        """Whether the case is open by it. It ends by itself, in the instant that was said."""
        ready = self.confirmed_by is not None or not self.terms.needs_second
        return ready and self.terms.asked_at <= at < self.terms.ends_at

    def waits_for_second(self, at: datetime) -> bool:
        """Whether another person can still confirm it."""
        return self.for_two(at) and self.confirmed_by is None

    def for_two(self, at: datetime) -> bool:
        """Whether it has not ended, and takes a second person, who may have come."""
        return self.terms.needs_second and at < self.terms.ends_at

    def overdue(self, at: datetime) -> bool:
        """Whether it should have been reviewed by now."""
        return self.reviewed_at is None and at >= self.terms.asked_at + REVIEWED_WITHIN


def parse_reason(typed: str, *, field: str = "reason") -> str | Problem:
    """A reason somebody else can judge; one word is not."""
    reason = typed.strip()
    if not says_something(reason):
        return too_short(field)
    if len(reason) > LONGEST_REASON:
        return Problem(field=field, code="too_long", values={"most": LONGEST_REASON})
    return reason
