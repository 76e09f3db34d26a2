"""How long to wait between guesses at one user name.

The first three guesses are free, then the wait doubles from one second to fifteen minutes: about
fifteen guesses in the first hour and four an hour after that. The wait never becomes a lock, and a
browser that its owner has signed in from before has a count of its own, so that a stranger who
keeps guessing does not keep the owner out. Known and unknown names are counted alike.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from app.domain.account import Attempts, fold_username

FREE_GUESSES = 3
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)
"""A count is dropped when nobody has guessed for so long."""

# 2**20 counts: few enough that a table of them can be kept, and that what somebody typed by mistake
# (a personal number, a password) is one of endlessly many; enough that two names seldom share one.
_BUCKET_BITS = 20


def bucket_of(username: str, *, device_key: str | None = None) -> int:
    """The number that a user name's guesses are counted under, apart for a known device."""
    typed = fold_username(username).encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(typed + b"\0" + (device_key or "").encode()).digest()
    bucket = int.from_bytes(digest[:4]) >> (32 - _BUCKET_BITS)
    return bucket + (1 << _BUCKET_BITS) if device_key else bucket


def wait_until(attempts: Attempts, *, at: datetime) -> datetime | None:
    """When the next guess may be tried; None if that is now."""
    if at - attempts.last_at >= FORGOTTEN_AFTER:
        return None
    until = attempts.last_at + _wait_after(attempts.count)
    # A clock that has gone backwards must not lengthen the wait beyond the longest.
    until = min(until, at + LONGEST_WAIT)
    return until if until > at else None


def charged(attempts: Attempts, *, at: datetime) -> Attempts:
    """The count with one more guess, made at `at`."""
    if at - attempts.last_at >= FORGOTTEN_AFTER:
        return Attempts(count=1, last_at=at)
    return Attempts(count=attempts.count + 1, last_at=at)


def _wait_after(count: int) -> timedelta:
    if count < FREE_GUESSES:
        return timedelta(0)
    # The exponent is bounded because a count may grow for years.
    return min(timedelta(seconds=1 << min(count - FREE_GUESSES, 20)), LONGEST_WAIT)
