"""Passwords typed at a terminal, or given as a line on standard input by a script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.identity.password import SHORTEST, problems_with_password

_WRONG = {
    "password_too_short": "is shorter than {least} characters",
    "too_long": "is longer than {most} characters",
    "password_holds_username": "holds the user name",
    "password_too_simple": "is too simple: it repeats itself, follows the alphabet or the "
    "keyboard, or has few different characters",
}


@dataclass(frozen=True)
class NoPassword:
    """None that can be used was typed, and why."""

    why: str


Ask = Callable[[str], str]
AskNew = Callable[[str, str], str | NoPassword]


def new_password(ask: Ask, repeats: bool, whose: str, username: str) -> str | NoPassword:
    """Ask for one. `whose` begins the question, as in `First password`.

    `repeats`: a person types it, twice because nobody sees what they type. A script gives one line.
    """
    typed = ask(f"{whose} (at least {SHORTEST} characters): ")
    problems = problems_with_password(typed, username=username)
    if problems:
        wrong = [_WRONG[one.code].format_map(one.values) for one in problems]
        return NoPassword(f"the password {', and '.join(wrong)}")
    if repeats and ask("Once more: ") != typed:
        return NoPassword("the two passwords were not the same")
    return typed
