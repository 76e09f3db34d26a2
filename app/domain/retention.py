"""How long what is kept: periods that the authorities have decided, with the decision that says so.

Nothing has a period unless somebody has decided one: an official document is not erased because it
is old, but because a decision on erasure (gallringsbeslut) says when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from app.domain.legal_day import SWEDEN


@dataclass(frozen=True, kw_only=True)
class CasePeriod:
    """How many whole years a closed case of one kind of organisation is kept, and by what."""

    kind: str
    years: int
    basis: str


@dataclass(frozen=True, kw_only=True)
class Retention:
    """All periods of an installation.

    `log_years` 0: what entries tell is never erased by age. `entries_years` 0: the entries
    themselves are never pruned; else it is no shorter than `log_years`.
    """

    cases: tuple[CasePeriod, ...] = ()
    log_years: int = 0
    log_basis: str = ""
    entries_years: int = 0
    entries_basis: str = ""

    def cases_before(self, kind: str, at: datetime) -> datetime | None:
        """Cases of the kind that were closed before this may be erased. None: none may."""
        found = next((one for one in self.cases if one.kind == kind), None)
        return None if found is None else _years_before(at, found.years)

    def log_before(self, at: datetime) -> datetime | None:
        """Details of entries made before this may be erased. None: none may."""
        return _years_before(at, self.log_years) if self.log_years else None

    def entries_before(self, at: datetime) -> datetime | None:
        """Entries made before this may be pruned. None: none may."""
        return _years_before(at, self.entries_years) if self.entries_years else None

    def basis_of(self, kind: str) -> str:
        """The decision that cases of the kind are erased by."""
        return next(one.basis for one in self.cases if one.kind == kind)


def _years_before(at: datetime, years: int) -> datetime:
    """Midnight in Sweden as the day began, so many years ago; what is kept counts whole days."""
    today = at.astimezone(SWEDEN).date()
    try:
        then = today.replace(year=today.year - years)
    except ValueError:
        # A leap day with none so many years ago: the last day of that February has not passed.
        then = date(today.year - years, 2, 28)
    return datetime.combine(then, time.min, tzinfo=SWEDEN)
