"""*Det här har lämnats ut*: what a person, or their guardian, is told of one disclosure.

It is proposed for every disclosure that has arrived; the sender sends it, or says why not.
Law: OSL 12 kap. 2, 3 §§; FB 9 kap. 1 §; dataskyddsförordningen artikel 14.1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from app.domain.emergency import parse_reason
from app.domain.legal_day import birthday
from app.domain.note import NoteAttributes
from app.domain.problem import Problem
from app.domain.subject import CasePerson

LetterOutcome = Literal["released", "withheld"]
LetterLanguage = Literal["sv", "en"]
Caution = Literal["police", "investigation", "reporter", "protected", "guardian"]
_OUTCOMES: dict[str, LetterOutcome] = {"released": "released", "withheld": "withheld"}
_LANGUAGES: dict[str, LetterLanguage] = {"sv": "sv", "en": "en"}
ADULT_YEARS = 18
_POLICE = frozenset({"POLICE", "PROSECUTOR"})


@dataclass(frozen=True, kw_only=True)
class LetterChoice:
    """What the sender has decided about one letter."""

    outcome: LetterOutcome
    addressee_id: str | None
    """A person in the case; None when nobody is written to."""
    language: LetterLanguage
    reason: str = field(default="", repr=False)
    """Why it is not sent; empty when it is."""


@dataclass(frozen=True, kw_only=True)
class DisclosureLetter:
    """A decision about a letter. A letter that has been released stays so."""

    disclosure_id: str
    organisation_id: str
    choice: LetterChoice
    decided_by: str
    decided_at: datetime


def addressees(
    persons: tuple[CasePerson, ...], described: tuple[str, ...], *, on: date
) -> tuple[CasePerson, ...]:
    """Who can be written to: the young person if the note is about them, and their guardians.

    A guardian is one until the young person is an adult. Who is of unknown age may be one, and then
    nobody else is told.
    """
    young = next((one for one in persons if one.relation == "subject"), None)
    if young is None or young.subject.id not in described:
        return ()
    born = young.subject.identity.born
    minor = born is not None and on < birthday(born, ADULT_YEARS)
    guardians = (one for one in persons if one.relation == "guardian" and minor)
    return (young, *guardians)


def cautions(
    attributes: NoteAttributes, persons: tuple[CasePerson, ...], recipient_kind: str
) -> tuple[Caution, ...]:
    """What may speak against a letter. An unknown counts as if it did."""
    protected = any(one.subject.identity.protected != "no" for one in persons)
    told: dict[Caution, bool] = {
        "police": recipient_kind in _POLICE,
        "investigation": attributes.investigation != "no" or attributes.intelligence != "no",
        "reporter": attributes.reporter_identity != "no" or attributes.concern_report != "no",
        "protected": protected,
        "guardian": any(one.relation == "guardian" for one in persons),
    }
    return tuple(name for name, speaks in told.items() if speaks)


def parse_choice(typed: Mapping[str, str]) -> LetterChoice | list[Problem]:
    """The typed fields as a decision, or all that is wrong with them."""
    problems: list[Problem] = []
    outcome = _OUTCOMES.get(typed.get("outcome", ""))
    language = _LANGUAGES.get(typed.get("language", ""))
    reason: str | Problem = ""
    if outcome is None:
        problems.append(Problem(field="outcome", code="choose_one"))
    if outcome == "released" and not typed.get("addressee"):
        problems.append(Problem(field="addressee", code="choose_one"))
    if outcome == "released" and language is None:
        problems.append(Problem(field="language", code="choose_one"))
    if outcome == "withheld":
        reason = parse_reason(typed.get("reason", ""))
    if isinstance(reason, Problem):
        problems.append(reason)
    if problems or outcome is None or isinstance(reason, Problem):
        return problems
    return LetterChoice(
        outcome=outcome,
        addressee_id=typed["addressee"] if outcome == "released" else None,
        language=language or "sv",
        reason=reason,
    )
