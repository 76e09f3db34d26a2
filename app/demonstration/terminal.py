"""What is said in the terminal, and how far something that takes time has come."""

from __future__ import annotations

import sys
import time

_QUIET_SECONDS = 2.0
_BETWEEN_SECONDS = 1.0


def say(line: str) -> None:
    """One line to whoever started the command, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def complain(why: str) -> None:
    """What was refused or failed, where errors are read."""
    sys.stderr.write(f"sluss: {why}\n")
    sys.stderr.flush()


class Progress:
    """Says how far it is once a second, and nothing about what is done within two seconds."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._due = time.monotonic() + _QUIET_SECONDS

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + _BETWEEN_SECONDS
        say(f"  {done} of {total} {self._what}")
