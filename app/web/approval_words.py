"""Questions of approval as pages show them: who asked, who can answer, and what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString, lazy_gettext

from app.domain.approval import Approval, ApprovalState
from app.domain.staff import StaffMember
from app.flows.ask_approval import SUPERVISOR
from app.flows.consider_disclosure import Considered
from app.web.case_page import named
from policies import Law

STATES: dict[ApprovalState, tuple[LazyString, str]] = {
    "asked": (lazy_gettext("Väntar på svar"), "info"),
    "given": (lazy_gettext("Godkänt"), "success"),
    "refused": (lazy_gettext("Inte godkänt"), "danger"),
    "withdrawn": (lazy_gettext("Tillbakataget"), "neutral"),
    "superseded": (lazy_gettext("Gäller en äldre version"), "neutral"),
    "lapsed": (lazy_gettext("Gäller inte: bedömt på nytt efteråt"), "warning"),
}
"""Word and colour of each state."""


@dataclass(frozen=True, kw_only=True)
class ApprovalLine:
    """One question and what became of it."""

    id: str
    state: ApprovalState
    word: LazyString
    color: str
    asked_by: str
    asked_at: datetime
    answered_by: str
    answered_at: datetime | None
    reasons: str
    can_be_withdrawn: bool
    own_answer: bool
    """A yes by the reader, who therefore cannot decide on it."""


@dataclass(frozen=True, kw_only=True)
class ApprovalBox:
    """What the page of a decision tells of approval."""

    lines: tuple[ApprovalLine, ...]
    approvers: tuple[str, ...]
    can_ask: bool
    """Whether a way remains that an approval by a supervisor belongs to, and nobody is asked."""

    @property
    def waiting(self) -> bool:
        """Whether a question of this waits for an answer."""
        return any(one.state == "asked" for one in self.lines)


def approval_line(
    one: Approval,
    staff: Mapping[str, StaffMember],
    *,
    newest_version: int,
    assessed_at: datetime | None = None,
    reader: str,
) -> ApprovalLine:
    """One question as `reader` sees it."""
    state = one.state(newest_version, assessed_at=assessed_at)
    word, color = STATES[state]
    return ApprovalLine(
        id=one.id,
        state=state,
        word=word,
        color=color,
        asked_by=named(staff.get(one.asked_by)),
        asked_at=one.asked_at,
        answered_by=named(staff.get(one.answered_by or "")),
        answered_at=one.answered_at,
        reasons=one.reasons,
        can_be_withdrawn=state == "asked" and one.asked_by == reader,
        own_answer=state == "given" and one.answered_by == reader,
    )


def approval_box(law: Law, considered: Considered, *, reader: str) -> ApprovalBox | None:
    """None where no approval by a supervisor belongs to any way, and none has been asked for."""
    lines = tuple(
        approval_line(
            one,
            considered.staff,
            newest_version=considered.note.version,
            assessed_at=considered.assessed_at,
            reader=reader,
        )
        for one in considered.approvals
        if one.withdrawn_at is None
    )
    remains = _remains(law, considered)
    if not lines and not remains:
        return None
    return ApprovalBox(
        lines=lines,
        approvers=tuple(f"{one.name}, {one.title}" for one in considered.approvers),
        can_ask=remains and not any(one.state == "asked" for one in lines),
    )


def _remains(law: Law, considered: Considered) -> bool:
    """Whether some way for every person still uncovered holds a supervisor's approval."""
    if not considered.answers:
        return False
    persons = considered.answers[0].decision.by_person.values()
    uncovered = [one for one in persons if one.outcome not in ("must", "may")]
    return bool(uncovered) and all(
        any(given_here(law, (step.condition for step in way)) for way in one.missing)
        for one in uncovered
    )


def given_here(law: Law, names: Iterable[str]) -> bool:
    """Whether any of the conditions is an approval that a supervisor gives in the service."""
    conditions = law.vocabulary.conditions
    return any(
        conditions[name].source == "approval"
        and SUPERVISOR in conditions[name].by
        and conditions[name].fact in ("", f"approval.{name}")
        for name in names
    )


def positive(unmet: Iterable[str]) -> list[str]:
    """The conditions that have yet to hold, without those that must not."""
    return [name for name in unmet if not name.startswith("not:")]
