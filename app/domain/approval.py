"""A supervisor's yes or no to a disclosure that somebody else has asked for (godkännande).

It holds for one note version, one recipient and one purpose, and never for an act of one's own.
Law: OSL 10 kap. 15 a § (as this service applies it while the reach of the provision is unclear)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.domain.assessment import MAX_REASONS_CHARACTERS
from app.domain.problem import Problem
from app.domain.reasons import says_something, too_short

ApprovalState = Literal["asked", "given", "refused", "withdrawn", "superseded", "lapsed"]


@dataclass(frozen=True, kw_only=True)
class ApprovalAnswer:
    """The answer to a question of approval, with the reasons for it."""

    answer: Literal["yes", "no"]
    reasons: str

    def __repr__(self) -> str:
        return f"ApprovalAnswer({self.answer!r})"


@dataclass(frozen=True, kw_only=True)
class Approval:
    """A question of approval and, in time, its answer. Times are aware UTC."""

    id: str
    organisation_id: str
    case_id: str
    note_id: str
    version: int
    recipient_id: str
    purpose: str
    name: str
    """Name of the approval in the law's vocabulary."""
    asked_by: str
    asked_at: datetime
    withdrawn_at: datetime | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    answer: Literal["yes", "no"] | None = None
    reasons: str = ""
    """Empty until opened: they are sealed under the case key."""

    def __repr__(self) -> str:
        return f"Approval({self.id}, {self.name!r}, {self.answer!r})"

    @property
    def open(self) -> bool:
        """Whether it waits for an answer."""
        return self.withdrawn_at is None and self.answer is None

    def state(self, newest_version: int, *, assessed_at: datetime | None = None) -> ApprovalState:
        """An answer stays what it was; a question about an older version is nobody's any more.

        `assessed_at` is when anything was last assessed for the same recipient and purpose.
        """
        if self.answer == "yes":
            return "lapsed" if self.lapsed(assessed_at) else "given"
        if self.answer == "no":
            return "refused"
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "asked" if self.version == newest_version else "superseded"

    def lapsed(self, assessed_at: datetime | None) -> bool:
        """Whether something was assessed anew after the question that was approved."""
        return assessed_at is not None and assessed_at > self.asked_at

    def holds_for(self, staff_id: str, *, assessed_at: datetime | None) -> bool:
        """Whether it is a yes that somebody may decide on.

        Nobody approves their own decision, and a yes is to what was assessed when it was asked for.
        """
        given = self.answer == "yes" and self.answered_by != staff_id
        return given and not self.lapsed(assessed_at)


def parse_approval_answer(typed: Mapping[str, str]) -> ApprovalAnswer | list[Problem]:
    """Reads `answer` and `reasons`. Both are asked for, whichever the answer is."""
    answer, reasons = typed.get("answer", ""), typed.get("reasons", "").strip()
    problems = []
    if answer not in ("yes", "no"):
        problems.append(Problem(field="answer", code="choose_one"))
    if not reasons:
        problems.append(Problem(field="reasons", code="reasons_missing"))
    elif not says_something(reasons):
        problems.append(too_short("reasons"))
    if len(reasons) > MAX_REASONS_CHARACTERS:
        problems.append(
            Problem(field="reasons", code="too_long", values={"most": MAX_REASONS_CHARACTERS})
        )
    if problems:
        return problems
    return ApprovalAnswer(answer="yes" if answer == "yes" else "no", reasons=reasons)
