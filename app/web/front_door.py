"""Signing in, as the pages see it: what goes in, and every way it can end.

The flows behind it are handed in, so that the pages can be shown and tested without a database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.domain.actor import Actor
from app.domain.problem import Problem


@dataclass(frozen=True, kw_only=True)
class OrganisationChoice:
    """One organisation a person can act for today."""

    id: str
    name: str
    as_logged: bool = True
    """False where the database says otherwise than the log of their role: then it is no choice."""


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """A person with a live session. `actor` is None until they have chosen an organisation."""

    staff_id: str
    staff_name: str
    actor: Actor | None
    session_token: str = field(repr=False)
    """What the cookie carries: random, and the only thing it carries."""
    pack_sha256: str | None = None
    """The rule pack in use when they were recognised, where the door knows it."""

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def is_active(self) -> bool:
        return True

    @property
    def is_anonymous(self) -> bool:
        return False

    def get_id(self) -> str:
        """What Flask-Login calls a user's id."""
        return self.staff_id


@dataclass(frozen=True, kw_only=True)
class Entered:
    """A new session exists; `session_token` goes into the cookie and nowhere else."""

    session_token: str = field(repr=False)
    device_token: str | None = field(default=None, repr=False)
    """For a cookie that outlives the session, so that strangers' guesses at the account do not
    close it to this browser; None when the browser has a good one."""


@dataclass(frozen=True, kw_only=True)
class WrongSignIn:
    """Unknown name or wrong password: one answer, so that names cannot be tried out."""


@dataclass(frozen=True, kw_only=True)
class Throttled:
    """Too many attempts on one account; a right password is not tried before `until`."""

    until: datetime


@dataclass(frozen=True, kw_only=True)
class NotYourOrganisation:
    """The chosen organisation is not one this person holds a role in today."""


@dataclass(frozen=True, kw_only=True)
class PasswordProblems:
    """Why the password was not changed, by field."""

    problems: Sequence[Problem]


class FrontDoor(Protocol):
    """The sign-in flows, bound to store and keys. Times are aware UTC."""

    def find(self, session_token: str, *, at: datetime) -> Visitor | None:
        """The live session with this token; None when there is none, whatever the reason."""

    def sign_in(
        self, name: str, password: str, *, device_token: str | None, at: datetime
    ) -> Entered | WrongSignIn | Throttled:
        """A session for the person, acting for their organisation if they have exactly one."""

    def organisations(self, visitor: Visitor, *, at: datetime) -> Sequence[OrganisationChoice]:
        """The organisations the person can act for today."""

    def choose(
        self, visitor: Visitor, organisation_id: str, *, at: datetime
    ) -> Entered | NotYourOrganisation:
        """A new session, under a new token, acting for one organisation."""

    def change_password(
        self, visitor: Visitor, *, old: str, new: str, repeated: str, at: datetime
    ) -> Entered | PasswordProblems | Throttled:
        """A new password, and a new session in place of all the person's others."""

    def sign_out(self, visitor: Visitor, *, at: datetime) -> None:
        """Ends the session at once; its token opens nothing after."""
