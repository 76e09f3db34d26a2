"""How the tour tells what was done, what the law said, and whether it was as it should be."""

from __future__ import annotations

import textwrap
from typing import TypeVar

from app.demonstration.terminal import say
from policies import Law, NoteDecision, explain

_WIDTH = 96
_Got = TypeVar("_Got")


class TourWrong(Exception):
    """A step did not do what it should."""


class Telling:
    """Prints the steps and remembers which one it is in."""

    def __init__(self) -> None:
        self._number = 0
        self._title = "making the throw-away installation"

    def step(self, title: str) -> None:
        """Begin the next step."""
        self._number += 1
        self._title = title
        say("")
        say(f"{self._number}. {title}")

    def where(self) -> str:
        """The step it is in, for saying that it went wrong."""
        return f"step {self._number}, {self._title}"

    def did(self, what: str) -> None:
        """What was done or seen."""
        self._wrapped("   ", what)

    def law_said(self, law: Law, decision: NoteDecision) -> None:
        """Verdict and provisions as staff read them, then reason and what remains, in English."""
        for one in decision.by_person.values():
            swedish, english = explain(law, one, "sv"), explain(law, one, "en")
            cited = ", ".join(swedish.provisions)
            self._wrapped("   law: ", f"{swedish.verdict.upper()} ({english.verdict}) · {cited}")
            self._wrapped("        ", english.reason)
            if english.next_step:
                self._wrapped("        ", english.next_step)
            for warning in english.warnings:
                self._wrapped("        ! ", warning)

    def row(self, text: str) -> None:
        """One row of a list, as it is."""
        say(f"   {text}")

    def quoted(self, text: str) -> None:
        """What another program printed."""
        for line in text.splitlines():
            say(f"   | {line}")

    def check(self, right: bool, what: str) -> None:
        """Say that `what` holds, or end the tour because it does not."""
        if not right:
            raise TourWrong(f"this should hold and does not: {what}")
        self._wrapped("   ok: ", what)

    def got(self, outcome: object, kind: type[_Got]) -> _Got:
        """The outcome, if it is of the kind it should be; else the tour ends."""
        if isinstance(outcome, kind):
            return outcome
        why = getattr(outcome, "reason", "") or getattr(outcome, "problems", "")
        reason = f" ({why})" if why else ""
        raise TourWrong(f"it should give {kind.__name__} and gave {type(outcome).__name__}{reason}")

    def _wrapped(self, lead: str, text: str) -> None:
        say(textwrap.fill(text, _WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead)))
