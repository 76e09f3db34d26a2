"""Ask the other engine before something leaves; whatever it does but agree keeps the note in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from audit.canonical import Json
from policies import Facts, Law


@dataclass(frozen=True)
class SecondOpinion:
    """What the other engine said to a note that the rules let out."""

    engine: str
    """Name and version; empty where the installation asks nobody."""
    agrees: bool | None
    """None: it was not asked, or could not answer."""
    refuses: Literal["", "second_opinion_differs", "second_opinion_missing"]
    """Why the note stays, if it does."""
    fault: str = ""
    """The kind of fault that kept it from answering."""

    def told(self) -> dict[str, Json]:
        """How the log tells of it."""
        said: dict[str, Json] = {"engine": self.engine, "agrees": self.agrees}
        return {**said, "fault": self.fault} if self.fault else said


def ask_second(law: Law, facts: Mapping[str, Facts]) -> SecondOpinion:
    """The second opinion on a note, by described person."""
    adviser = law.adviser
    if adviser is None:
        return SecondOpinion("", None, "")
    try:
        agrees = adviser.lets_out(facts)
    except Exception as fault:  # noqa: BLE001 - whatever goes wrong there, nothing leaves here
        kind = type(fault).__name__
        return SecondOpinion(adviser.engine, None, "second_opinion_missing", kind)
    # Only a plain yes is a yes.
    if agrees is True:
        return SecondOpinion(adviser.engine, True, "")
    return SecondOpinion(adviser.engine, False, "second_opinion_differs")
