"""The smallest body between whose parts secrecy does not apply, and what the law must know of it.

An authority is a board, a police area or a region; a branch of it that works independently is an
organisation of its own. Law: OSL 8 kap. 1, 2 §§
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

DEFAULT_UNDO_SECONDS = 120
LONGEST_UNDO_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class Period:
    """Legal days in Sweden, both inclusive; None means without end."""

    valid_from: date
    valid_until: date | None = None

    def __post_init__(self) -> None:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError(f"a period cannot end ({self.valid_until}) before it begins")

    def holds(self, on: date) -> bool:
        """Whether `on` is one of its days."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)

    def overlaps(self, other: Period) -> bool:
        """Whether any day is one of both."""
        return self.holds(other.valid_from) or other.holds(self.valid_from)


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """A branch that holds information under its own secrecy."""

    id: str
    name: str
    kind: str
    """Code of an organisation kind in the rule pack, e.g. `SOC`."""
    authority_id: str
    authority_name: str
    municipality: str
    """Name of the municipality, empty if it belongs to none, e.g. the police."""
    controller: str
    """Who answers for the personal data (personuppgiftsansvarig)."""
    authority_periods: tuple[Period, ...] = ()
    """When it is an authority in the sense of OSL 2 kap. None at all: it never is."""
    own_secrecy: tuple[str, ...] = ()
    """Secrecy rules it has beyond those of its kind, e.g. `OSL 26:1`."""
    undo_seconds: int = DEFAULT_UNDO_SECONDS
    """How long a delivery can still be stopped by its sender. Not used for a duty."""

    def __post_init__(self) -> None:
        if not 0 <= self.undo_seconds <= LONGEST_UNDO_SECONDS:
            raise ValueError(
                f"the undo time must be 0 to {LONGEST_UNDO_SECONDS} seconds, "
                f"got {self.undo_seconds}"
            )

    def is_authority(self, on: date) -> bool:
        """Whether it is an authority on that day. Law: OSL 2 kap. 1, 3, 4 §§"""
        return any(period.holds(on) for period in self.authority_periods)
