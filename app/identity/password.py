"""Passwords: what is accepted as one, and how one is checked without telling who has an account.

Hashed with argon2id at more than twice the least that OWASP's Password Storage Cheat Sheet names
(46 MiB, one pass). A password is checked exactly as typed: not trimmed, folded or cut.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass

import argon2

from app.domain.account import fold_username
from app.domain.problem import Problem

SHORTEST = 15
"""Characters. The only proof there is, so as long as NIST SP 800-63B-4 asks of a lone password."""
LONGEST = 1000
_FEWEST_DIFFERENT = 6
_ROWS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyzåäö",
    "qwertyuiopåasdfghjklöäzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
)


@dataclass(frozen=True)
class Checked:
    """Whether a typed password was right."""

    right: bool
    stronger_hash: str | None = None
    """A hash to store instead, when the stored one was made with weaker parameters."""


class Passwords:
    """Hashes and checks. Make one for the process: making it costs one hash."""

    def __init__(self, *, memory_kib: int = 47_104, passes: int = 2, lanes: int = 1) -> None:
        """The parameters of argon2id. Tests hand in small ones; nothing else should."""
        self._hasher = argon2.PasswordHasher(
            time_cost=passes,
            memory_cost=memory_kib,
            parallelism=lanes,
            type=argon2.Type.ID,
        )
        # Nobody's password: checked against where there is no account, so that an unknown name
        # takes as long as a wrong password.
        self._nobody = self._hasher.hash(secrets.token_urlsafe(32))

    def hash(self, password: str) -> str:
        """A hash to store: parameters, fresh salt and digest, under 200 characters."""
        return self._hasher.hash(password)

    def check(self, stored: str | None, typed: str) -> Checked:
        """Compare what was typed with a stored hash; None where there is no account."""
        try:
            self._hasher.verify(self._nobody if stored is None else stored, typed)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return Checked(right=False)
        if stored is None:
            return Checked(right=False)
        weak = self._hasher.check_needs_rehash(stored)
        return Checked(right=True, stronger_hash=self._hasher.hash(typed) if weak else None)


def problems_with_password(password: str, *, username: str) -> list[Problem]:
    """Why it cannot be somebody's password, empty if it can."""
    problems = []
    # Folded only to look for what makes it easy to guess; it is hashed as typed.
    plain = unicodedata.normalize("NFKC", password).casefold()
    name = fold_username(username)
    if len(password) < SHORTEST:
        problems.append(_problem("password_too_short", least=SHORTEST))
    if len(password) > LONGEST:
        problems.append(_problem("too_long", most=LONGEST))
    if name and name in plain:
        problems.append(_problem("password_holds_username"))
    if len(set(plain)) < _FEWEST_DIFFERENT or _repeats(plain) or _row(plain):
        problems.append(_problem("password_too_simple"))
    return problems


def _problem(code: str, **values: str | int) -> Problem:
    return Problem(field="password", code=code, values=values)


def _repeats(text: str) -> bool:
    """Whether it is one shorter piece over and over, the last time perhaps cut."""
    return any(
        all(text[i] == text[i % length] for i in range(len(text)))
        for length in range(1, len(text) // 2 + 1)
    )


def _row(text: str) -> bool:
    """Whether it follows the alphabet, the digits or the keyboard, either way."""
    rows = [row * 2 for row in _ROWS] + [(row * 2)[::-1] for row in _ROWS]
    return any(text in row for row in rows)
