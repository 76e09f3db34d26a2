"""When something in the demonstration happened: so many working days ago, at a time of day.

Counted back from the clock that is handed in, so that the world is recent whenever it is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from app.domain.legal_day import SWEDEN, legal_day

_SATURDAY = 5


@dataclass(frozen=True)
class Moment:
    """A time of day in Sweden, `days` working days before today."""

    days: int
    """1 or more, so that it is past whatever the time is now."""
    clock: str
    """`HH:MM`."""

    def __post_init__(self) -> None:
        if self.days < 1:
            raise ValueError(f"a moment is at least one working day ago, got {self.days}")
        time.fromisoformat(self.clock)

    def at(self, now: datetime) -> datetime:
        """The instant (aware UTC), seen from `now`."""
        day = working_day_before(legal_day(now), self.days)
        local = datetime.combine(day, time.fromisoformat(self.clock), tzinfo=SWEDEN)
        return local.astimezone(UTC)


def working_day_before(today: date, days: int) -> date:
    """The working day `days` working days before `today`. Public holidays are not known here."""
    day = today
    while days > 0:
        day -= timedelta(days=1)
        if day.weekday() < _SATURDAY:
            days -= 1
    return day
