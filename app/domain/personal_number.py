"""A Swedish personal identity number or coordination number, checked and written one way.

Optional everywhere, never a key. One normalisation serves check, storage and index, because two
that differ let the same number pass one and miss the other.
Written here and not taken from a library because those at hand refuse the coordination numbers
of people whose month or day of birth is unknown, and such people are among those helped.
Law: folkbokföringslagen (1991:481) 18 §
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

LENGTH = 12
OLDEST_YEARS = 125
"""Nobody in Sweden has been older than 112; an earlier birth date is a slip of the hand."""
_COORDINATION_OFFSET = 60


@dataclass(frozen=True)
class PersonalNumber:
    """Twelve digits, century first. Printing it by accident shows only that it is one."""

    digits: str

    def __repr__(self) -> str:
        return "PersonalNumber(************)"

    @property
    def born(self) -> date | None:
        """The date in the number; None for a coordination number without a real day."""
        return _date(self.digits)

    @property
    def shown(self) -> str:
        """As people write it: ÅÅÅÅMMDD-NNNN."""
        return f"{self.digits[:8]}-{self.digits[8:]}"


def parse_personal_number(typed: str, *, on: date) -> PersonalNumber | None:
    """`typed` as a number, or None when no such number can exist on the day `on`.

    Accepts ten or twelve digits with or without a hyphen, and `+` for people over a hundred.
    Only the digits 0-9 count as digits: look-alikes from other scripts are refused.
    """
    text = "".join(c for c in typed.strip() if not c.isspace())
    if unicodedata.normalize("NFKC", text) != text or not text.isascii():
        return None
    digits = _digits(text, on)
    if digits is None or not _check_digit_holds(digits[2:]):
        return None
    born = _date(digits)
    if born is None:
        possible = _born_unknown(digits) and on.year - OLDEST_YEARS <= int(digits[:4]) <= on.year
        return PersonalNumber(digits) if possible else None
    return PersonalNumber(digits) if can_be_born(born, on=on) else None


def can_be_born(born: date, *, on: date) -> bool:
    """Whether somebody alive on the day `on` can have that birth date."""
    # Compared by its parts, because 29 February has no such day in most other years.
    oldest = (on.year - OLDEST_YEARS, on.month, on.day)
    return oldest <= (born.year, born.month, born.day) and born <= on


def _digits(text: str, on: date) -> str | None:
    sign = ""
    if len(text) in (11, 13) and text[-5] in "-+":
        sign, text = text[-5], text[:-5] + text[-4:]
    if not text.isdigit():
        return None
    if len(text) == LENGTH:
        return None if sign == "+" and int(text[:4]) > on.year - 100 else text
    if len(text) != LENGTH - 2:
        return None
    return f"{_century(text, sign, on)}{text}"


def _century(short: str, sign: str, on: date) -> int:
    """The latest century in which the date is not in the future; one earlier when written `+`."""
    century = on.year // 100
    if _is_future(f"{century}{short}", on):
        century -= 1
    return century - 1 if sign == "+" else century


def _is_future(digits: str, on: date) -> bool:
    born = _date(digits)
    return int(digits[:4]) > on.year if born is None else born > on


def _date(digits: str) -> date | None:
    day = int(digits[6:8])
    if day > _COORDINATION_OFFSET:
        day -= _COORDINATION_OFFSET
    try:
        return date(int(digits[:4]), int(digits[4:6]), day)
    except ValueError:
        return None


def _born_unknown(digits: str) -> bool:
    """A coordination number given to someone whose month or day of birth nobody knows."""
    month, day = int(digits[4:6]), int(digits[6:8])
    return day == _COORDINATION_OFFSET or (month == 0 and day > _COORDINATION_OFFSET)


def _check_digit_holds(ten: str) -> bool:
    """Luhn over the ten last digits."""
    total = 0
    for position, digit in enumerate(int(c) for c in ten):
        doubled = digit * 2 if position % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
