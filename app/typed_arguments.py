"""What a command's arguments must look like. Each complaint says how it is written instead."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import date

from app.domain.organisation import LONGEST_UNDO_SECONDS

LONGEST_NAME, LONGEST_ID = 200, 36


def day(text: str) -> date:
    """A legal day, `2026-11-23`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day; write it as 2026-11-23") from None


def named(text: str) -> str:
    """A name or another text that somebody will read: something, and not more than fits."""
    return _within(text, LONGEST_NAME)


def identifier(text: str) -> str:
    """An id that stands in entries of the log and in addresses: no spaces in it."""
    if any(sign.isspace() for sign in text.strip()):
        raise ArgumentTypeError(f"{text!r} has a space in it; write sunne-soc, not sunne soc")
    return _within(text, LONGEST_ID)


def authority(text: str) -> str:
    """The name of a board, which is its id too."""
    return _within(text, LONGEST_ID)


def undo_seconds(text: str) -> int:
    """How long a disclosure can be stopped, in seconds."""
    seconds = int(text) if text.isdecimal() else -1
    if not 0 <= seconds <= LONGEST_UNDO_SECONDS:
        raise ArgumentTypeError(f"{text!r} is not between 0 and {LONGEST_UNDO_SECONDS} seconds")
    return seconds


def _within(text: str, most: int) -> str:
    said = text.strip()
    if not 1 <= len(said) <= most:
        raise ArgumentTypeError(f"it has {len(said)} characters; it must have 1 to {most}")
    return said
