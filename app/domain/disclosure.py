"""A note version lawfully told to another organisation, and why (utlämnande)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from app.domain.assessment import Assessment

Initiative = Literal["own", "request", "unknown"]
PersonFact = Literal["substance_misuse", "compulsory_care", "pregnant", "secrecy_towards_guardian"]
PERSON_FACTS: tuple[PersonFact, ...] = get_args(PersonFact)
QuietFact = Literal["private_use", "standing_access", "gdpr_breach_assumed"]
QUIET_FACTS: tuple[QuietFact, ...] = get_args(QuietFact)
"""What is out of the ordinary for a disclosure: through the gate goes one note, to an organisation,
for a purpose of its own. So each is no until somebody says yes. Law: OSL 7 kap. 1 §, 8 kap. 1 §,
21 kap. 7 §"""
DisclosureState = Literal["stopped", "on_its_way", "arrived"]


@dataclass(frozen=True, kw_only=True)
class Circumstance:
    """A fact about a described person that matters to some ground, as the official answers it."""

    subject_id: str
    fact: PersonFact
    answer: Literal["yes", "no"]


@dataclass(frozen=True, kw_only=True)
class RecordedCircumstance:
    """A fact that was answered at an earlier disclosure, and towards whom."""

    circumstance: Circumstance
    recipient_id: str
    purpose: str


@dataclass(frozen=True, kw_only=True)
class Intent:
    """What someone means to disclose, to whom and what for; the question put to the law."""

    note_id: str
    version: int
    recipient_id: str
    purpose: str
    initiative: Initiative = "unknown"
    request_reference: str = ""
    """The requester's own case number, when it answers a request."""
    requester_verified: Literal["yes", "no", "unknown"] = "unknown"
    investigation_open: Literal["yes", "no", "unknown"] = "unknown"
    """SOC has stated that an investigation about the child is open (D-2)."""
    circumstances: tuple[Circumstance, ...] = ()
    """What is asked about the described persons at this disclosure; unanswered stays unknown."""
    quiet: frozenset[QuietFact] = frozenset()
    """What somebody has said yes to of what is out of the ordinary."""

    def __repr__(self) -> str:
        return f"Intent(note {self.note_id}, version {self.version})"


@dataclass(frozen=True, kw_only=True)
class DisclosureOrder:
    """An intent with the assessments made for it, confirmed by the official who decides."""

    intent: Intent
    assessments: tuple[Assessment, ...] = ()
    again: bool = False
    """That the recipient has this version already, or will have it, is known and meant."""
    token: str = field(default="", repr=False)
    """Once-only token of the form, so that a repeated submit discloses once."""


@dataclass(frozen=True, kw_only=True)
class Disclosure:
    """A decided disclosure as its sender sees it. Times are aware UTC."""

    id: str
    organisation_id: str
    case_id: str
    note_id: str
    version: int
    recipient_id: str
    delivery_id: str
    purpose: str
    outcome: Literal["must", "may"]
    grounds: tuple[str, ...]
    consents: tuple[str, ...]
    """Ids of the consents it rests on; their withdrawal stops it while it is on its way."""
    pack: str
    """Hash of the rule pack that it was decided by."""
    decided_by: str
    decided_at: datetime
    arrives_at: datetime
    stopped_at: datetime | None = None
    delegation_item: str = ""
    """The item of the delegation order under which it was decided."""

    def state(self, at: datetime) -> DisclosureState:
        """Nothing can be called back once it has arrived: it is the recipient's document then.

        Law: TF 2 kap. 9 §
        """
        if self.stopped_at is not None:
            return "stopped"
        return "on_its_way" if at < self.arrives_at else "arrived"
