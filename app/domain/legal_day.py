"""The legal day: the calendar day in Sweden at an instant.

A law that begins on a date begins at midnight in Sweden, whatever zone a server keeps.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

SWEDEN = ZoneInfo("Europe/Stockholm")


def legal_day(at: datetime) -> date:
    """The day in Sweden at `at` (aware; a time without a zone has no day)."""
    if at.tzinfo is None:
        raise ValueError("a legal day needs a time with a zone; hand in aware UTC")
    return at.astimezone(SWEDEN).date()


def birthday(born: date, years: int) -> date:
    """The first day on which someone born `born` has reached `years`.

    Someone born on 29 February reaches it on 28 February in a common year, the earlier reading,
    because what uses this ends a permission.
    """
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 2, 28)
