"""That somebody has answered every told case, when and by which rules. Never what they answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class TrainingCertificate:
    """Kept only for whoever asked for it. `given_at` is aware UTC."""

    id: str
    organisation_id: str
    staff_id: str
    cases: int
    """How many told cases there were; all are answered."""
    alike: int
    """How many of them were answered as the rules do."""
    pack: str
    """The rule pack's name and version."""
    pack_sha256: str
    given_at: datetime
