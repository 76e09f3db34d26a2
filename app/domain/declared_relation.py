"""Jäv: what a member of staff has declared of their own relation to a person or a case.

A declaration is never changed: it is withdrawn by another, and counts for the time between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, get_args

from app.domain.personal_number import parse_personal_number
from app.domain.problem import Problem
from app.domain.subject import MAX_NAME_CHARACTERS

Bond = Literal["family", "close", "conflict", "money", "other"]
BONDS: tuple[Bond, ...] = get_args(Bond)
MAX_REFERENCE = 40
SHORTEST_NAME = 2


@dataclass(frozen=True, kw_only=True)
class DeclaredTarget:
    """To whom or what: a person by number or name, or a case by its number. Sealed where kept."""

    bond: Bond
    name: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    reference: str = field(default="", repr=False)

    def meets(self, *, names: Iterable[tuple[str, str]], reference: str) -> bool:
        """Whether it speaks of a case with that number and those persons.

        `names` are full names with their personal numbers, empty where none is known. A number
        decides alone where both have one, because two people can have one name.
        """
        if self.reference and self.reference == _folded(reference):
            return True
        wanted = _folded(self.name)
        for name, number in names:
            if self.number and number:
                if self.number == number:
                    return True
            elif wanted and wanted == _folded(name):
                return True
        return False


@dataclass(frozen=True, kw_only=True)
class DeclaredRelation:
    """One declaration. Times are aware UTC."""

    id: str
    organisation_id: str
    staff_id: str
    target: DeclaredTarget
    declared_at: datetime
    withdrawn_at: datetime | None = None

    def counts(self, at: datetime) -> bool:
        """Whether it stood at an instant."""
        return self.declared_at <= at and (self.withdrawn_at is None or at < self.withdrawn_at)


def parse_target(typed: Mapping[str, str], *, on: date) -> DeclaredTarget | list[Problem]:
    """The typed fields as a target, or all that is wrong with them."""
    problems: list[Problem] = []
    bond = next((one for one in BONDS if one == typed.get("bond")), None)
    if bond is None:
        problems.append(Problem(field="bond", code="choose_one"))
    name = " ".join(typed.get("name", "").split())
    if len(name) > MAX_NAME_CHARACTERS:
        problems.append(
            Problem(field="name", code="too_long", values={"most": MAX_NAME_CHARACTERS})
        )
    elif 0 < len(name) < SHORTEST_NAME:
        problems.append(Problem(field="name", code="name_too_short"))
    number = typed.get("number", "").strip()
    parsed = parse_personal_number(number, on=on) if number else None
    if number and parsed is None:
        problems.append(Problem(field="number", code="number_impossible"))
    reference = _folded(typed.get("reference", ""))
    if len(reference) > MAX_REFERENCE:
        problems.append(Problem(field="reference", code="too_long", values={"most": MAX_REFERENCE}))
    if not (name or number or reference):
        problems.append(Problem(field="name", code="relation_to_nobody"))
    if problems or bond is None:
        return problems
    return DeclaredTarget(
        bond=bond, name=name, number=parsed.digits if parsed else "", reference=reference
    )


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
