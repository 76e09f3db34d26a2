"""A person written about, as one organisation knows them.

Each organisation has its own row for the same young person; nothing joins them across
organisations, because a shared register of people would itself disclose.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.domain.personal_number import (
    OLDEST_YEARS,
    PersonalNumber,
    can_be_born,
    parse_personal_number,
)
from app.domain.problem import Problem

Tri = Literal["yes", "no", "unknown"]
Relation = Literal["subject", "guardian", "sibling", "relative", "other"]
RELATIONS: tuple[Relation, ...] = ("subject", "guardian", "sibling", "relative", "other")

MAX_NAME_CHARACTERS = 120
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who a subject is. Stored sealed under the organisation's key, never in clear."""

    name: str
    number: PersonalNumber | None = None
    born: date | None = None
    """None: not known, so every question of age is open."""
    protected: Tri = "unknown"
    """Protected registration, fictitious identity or sheltered address (skyddade uppgifter)."""

    def __repr__(self) -> str:
        return "Identity(...)"


def same_person(one: Identity, other: Identity) -> bool:
    """Whether two rows are about one person: by number, or by name and day of birth without one.

    A name alone says too little, because what is about a namesake must not come along.
    """
    if one.number is not None and other.number is not None:
        return one.number == other.number
    names = {" ".join(each.name.casefold().split()) for each in (one, other)}
    return len(names) == 1 and one.born is not None and one.born == other.born


def may_be_same_person(one: Identity, other: Identity) -> bool:
    """Whether somebody could take the one row for the other: what is not known speaks for nothing.

    Wider than `same_person`, for where it is worse to miss one than to stop too often.
    """
    if one.number is not None and one.number == other.number:
        return True
    names = {" ".join(each.name.casefold().split()) for each in (one, other)}
    return len(names) == 1 and (one.born == other.born or None in (one.born, other.born))


def corrected_fields(before: Identity, after: Identity) -> tuple[str, ...]:
    """The names of those fields, of who it is, that differ. Never what stands in them."""
    named = ("name", "number", "born")
    return tuple(one for one in named if getattr(before, one) != getattr(after, one))


def can_be_matched(one: Identity) -> bool:
    """Whether anything but a name is known, by which the same person is found in another row."""
    return one.number is not None or one.born is not None


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One organisation's row for a person, opened."""

    id: str
    organisation_id: str
    identity: Identity


@dataclass(frozen=True, kw_only=True)
class CasePerson:
    """A subject in a case, and what they are to the young person the case is about."""

    subject: Subject
    relation: Relation
    mark_lost: bool = False
    """Protected by the log, and not by what the database has of them."""


def parse_identity(
    *, name: str, number: str, born: str, protected: str, on: date
) -> Identity | list[Problem]:
    """The typed fields as an identity, or everything that is wrong with them."""
    problems: list[Problem] = []
    name = " ".join(name.split())
    if not name:
        problems.append(Problem(field="name", code="name_missing"))
    if len(name) > MAX_NAME_CHARACTERS:
        problems.append(
            Problem(field="name", code="too_long", values={"most": MAX_NAME_CHARACTERS})
        )
    parsed = parse_personal_number(number, on=on) if number.strip() else None
    if number.strip() and parsed is None:
        problems.append(Problem(field="number", code="number_impossible"))
    day = parse_day(born) if born.strip() else None
    if born.strip() and (day is None or day > on):
        problems.append(Problem(field="born", code="date_impossible"))
    elif day is not None and not can_be_born(day, on=on):
        problems.append(
            Problem(field="born", code="born_too_long_ago", values={"most": OLDEST_YEARS})
        )
    if parsed is not None and day is not None and parsed.born not in (None, day):
        problems.append(Problem(field="born", code="born_differs_from_number"))
    if protected not in ("yes", "no", "unknown"):
        problems.append(Problem(field="protected", code="choose_one"))
    if problems:
        return problems
    return Identity(
        name=name,
        number=parsed,
        born=day or (parsed.born if parsed else None),
        protected="yes" if protected == "yes" else "no" if protected == "no" else "unknown",
    )


def parse_day(typed: str) -> date | None:
    """`ÅÅÅÅ-MM-DD` as a date, None when it is not one."""
    typed = typed.strip()
    # Asked first, because Python also reads weeks and dates without hyphens.
    if not _DAY.fullmatch(typed):
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
