"""A local account: a user name and a password's hash for one member of staff."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.problem import Problem

LONGEST_USERNAME = 80


@dataclass(frozen=True, kw_only=True)
class Account:
    """What a sign-in is checked against. Times are aware UTC."""

    id: str
    staff_id: str
    username: str
    """In the form of `fold_username`."""
    password_hash: str = field(repr=False)
    disabled_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """Guesses made for one user name since the last right one. Times are aware UTC."""

    count: int
    last_at: datetime


def fold_username(typed: str) -> str:
    """The one form a user name is stored, compared and throttled in.

    Without a single form, `Karin` and `karin` would each have guesses of their own. One that is
    too long to be anybody's is cut just beyond the longest, and stays nobody's.
    """
    # Twice, because folding can leave a letter and its accent apart. PostgreSQL stores no NUL.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", typed).casefold())
    return folded.replace("\0", "\ufffd").strip()[: LONGEST_USERNAME + 1]


def parse_username(typed: str) -> str | Problem:
    """A user name to make an account under, in its one form. Asked then, never at sign-in."""
    folded = fold_username(typed)
    if not folded:
        return Problem(field="user_name", code="user_name_missing")
    if len(folded) > LONGEST_USERNAME:
        return Problem(field="user_name", code="too_long", values={"most": LONGEST_USERNAME})
    return folded
