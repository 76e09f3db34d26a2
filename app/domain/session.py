"""A sign-in that is going on, kept by the server so that it can be ended from there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Session:
    """One browser's sign-in. Times are aware UTC."""

    id: str
    key: str = field(repr=False)
    """SHA-256 of what the cookie holds, in hex. A stolen table opens no session."""
    staff_id: str
    organisation_id: str | None
    """The organisation acted for; None until one is chosen."""
    signed_in_at: datetime
    """When the password was given. A new key for the same sign-in keeps it."""
    last_seen_at: datetime
    revoked_at: datetime | None = None
