"""The days on which offices in Sweden are closed beside Saturdays and Sundays.

Public holidays, and the eves of midsummer, Christmas and new year, which are counted as Sundays.
Law: lag (1989:253) 1 §; lag (1977:480) 3 a §
"""

from __future__ import annotations

from datetime import date, timedelta

_SAME_DAY = frozenset({(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)})
_FROM_EASTER = frozenset(timedelta(days=days) for days in (-2, 0, 1, 39, 49))
"""Good Friday, Easter Sunday and Monday, Ascension Day, Whit Sunday."""
_FRIDAY = 4


def is_public_holiday(day: date) -> bool:
    """Whether offices are closed that day although it may be a weekday."""
    return (
        (day.month, day.day) in _SAME_DAY
        or day - _easter(day.year) in _FROM_EASTER
        or _is_midsummer_eve(day)
    )


def _is_midsummer_eve(day: date) -> bool:
    # Midsummer day is the Saturday that falls on 20 to 26 June.
    return day.month == 6 and 19 <= day.day <= 25 and day.weekday() == _FRIDAY


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * (c // 4) - c % 4 - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    return date(year, month, (h - m + r + month + 19) % 32)
