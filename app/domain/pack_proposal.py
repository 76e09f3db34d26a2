"""A rule pack that one person has proposed, what has been found out about it, and what came of it.

Law: OSL 10 kap. (what may be disclosed changes with the rules, so no one person changes them)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ProposalState = Literal["proposed", "compared", "unexplained", "examined", "activated", "withdrawn"]
"""`unexplained`: it lets out more without a reviewed reason, and can only be withdrawn."""
OPEN_STATES: tuple[ProposalState, ...] = ("proposed", "compared", "unexplained", "examined")

Tried = Literal[
    "opened",
    "closed",
    "otherwise",
    "other_rule",
    "same",
    "erased",
    "sealed",
    "old_form",
    "not_in_pack",
    "refused",
]
"""What came of deciding one recorded decision again.

`opened`: the law refused it and would now allow it; `closed`: it was disclosed and would now be
refused; `otherwise`: another answer that changes neither. `other_rule`: the same answer on another
rule. The rest could not be answered: its case has been erased, its facts do not open, they were
sealed in an older form, the pack lacks something that they name, or it was a refusal of which
nothing is kept, because it never reached the law or its case has been erased.
"""
CHANGED: tuple[Tried, ...] = ("opened", "closed", "otherwise", "other_rule")
UNANSWERED: tuple[Tried, ...] = ("erased", "sealed", "old_form", "not_in_pack", "refused")


@dataclass(frozen=True, kw_only=True)
class PackProposal:
    """One proposed pack. Times are aware UTC."""

    id: str
    sha256: str
    version: str
    against_sha256: str
    """The pack that was in use when it was proposed, and that it is compared with."""
    organisation_id: str
    proposed_by: str
    proposed_at: datetime
    state: ProposalState
    upto: str = ""
    """The last decision that has been decided again."""
    total: int = 0
    """How many there are to decide again."""
    settled_by: str | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class DecisionChange:
    """A recorded decision that the proposed pack answers otherwise, or on another rule.

    It is a disclosure or a refusal.
    """

    decision_id: str
    organisation_id: str
    tried: Tried
    before: str
    """The outcome that was recorded, and the one that the proposed pack gives."""
    after: str
    decided_at: datetime
    recipient_id: str
    grounds: tuple[str, ...]
    pack: str
    """Hash of the pack that it was decided by."""
