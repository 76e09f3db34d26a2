"""How long a sign-in lasts, and the random text by which a browser is known again.

The cookie holds the text, the database only its hash, so that neither a stolen table nor a backup
opens a session. Limits are judged by the time handed in.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from app.domain.session import Session

IDLE_LIMIT = timedelta(minutes=15)
ABSOLUTE_LIMIT = timedelta(hours=8)
TOUCH_INTERVAL = timedelta(minutes=1)
"""A use is noted at most this often, so the idle limit may strike up to a minute early."""
_TOKEN_BYTES = 32


def new_token() -> str:
    """256 random bits as 43 characters that a cookie can hold."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def key_of(token: str) -> str:
    """What is stored in a token's place: its SHA-256 in hex.

    Plain SHA-256 is enough because the token is random; there is nothing to guess from.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def is_live(session: Session, *, at: datetime) -> bool:
    """Whether it still opens anything at the instant `at`."""
    if session.revoked_at is not None:
        return False
    idle, old = at - session.last_seen_at, at - session.signed_in_at
    return idle < IDLE_LIMIT and old < ABSOLUTE_LIMIT


def is_due_for_touch(session: Session, *, at: datetime) -> bool:
    """Whether the use at `at` should be noted."""
    return at - session.last_seen_at >= TOUCH_INTERVAL
