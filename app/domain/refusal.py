"""One note that was not disclosed though somebody decided to, and what the law answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A refusal at the gate that reached the law. `decided_at` is aware UTC."""

    id: str
    organisation_id: str
    case_id: str
    note_id: str
    version: int
    recipient_id: str
    pack: str
    """Hash of the rule pack that answered."""
    outcome: str
    """What the law answered: `needs`, `none` or `stop`; `may` or `must` where something else than
    the law stood in the way."""
    grounds: tuple[str, ...]
    """The rules in the way; where the law was not in the way, those it would have rested on."""
    decided_at: datetime
