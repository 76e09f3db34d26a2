"""Invented people: names that nobody is known to have, and test identity numbers only.

A number is the birth date, a serial that is used for tests alone, and the check digit. Such serials
are there for births from 1980 to 2013; younger people have none here, as the number is optional.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.legal_day import birthday
from app.domain.personal_number import PersonalNumber
from app.domain.subject import Identity, Tri

_WOMAN, _MAN = "238", "239"
_FIRST_YEAR, _LAST_YEAR = 1980, 2013


@dataclass(frozen=True, kw_only=True)
class Invented:
    """Someone written about. Age counts from the day on which the world is made."""

    name: str
    woman: bool
    age: int | None
    """None: the birth date is not known."""
    days: int = 120
    """Days since the last birthday, 0 to 364."""
    protected: Tri = "no"

    def identity(self, on: date) -> Identity:
        """Who they are to an organisation that knows all there is to know."""
        born = self._born(on)
        return Identity(
            name=self.name,
            number=test_number(born, woman=self.woman) if born else None,
            born=born,
            protected=self.protected,
        )

    def _born(self, on: date) -> date | None:
        if self.age is None:
            return None
        # Not born on a leap day, which would make the age depend on the year the world is made.
        born = birthday(on - timedelta(days=self.days), -self.age)
        return born if (born.month, born.day) != (2, 29) else born - timedelta(days=1)


def test_number(born: date, *, woman: bool) -> PersonalNumber | None:
    """The test number of that birth date; None where there are no test numbers for it."""
    if not _FIRST_YEAR <= born.year <= _LAST_YEAR:
        return None
    nine = f"{born:%y%m%d}{_WOMAN if woman else _MAN}"
    return PersonalNumber(f"{born:%Y%m%d}{nine[6:]}{_check_digit(nine)}")


def _check_digit(nine: str) -> int:
    """Luhn: the digit that makes the sum end in zero."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(nine)]
    return -sum(value // 10 + value % 10 for value in doubled) % 10


YOUNG: dict[str, Invented] = {
    "elliot": Invented(name="Elliot Granhed", woman=False, age=17, days=210),
    "tilda": Invented(name="Tilda Forsvret", woman=True, age=13, days=95),
    "malte": Invented(name="Malte Rönnsjö", woman=False, age=20, days=40),
    "alva": Invented(name="Alva Skärmon", woman=True, age=16, days=150, protected="yes"),
    "signe": Invented(name="Signe Åhlvret", woman=True, age=15, days=61),
    "noah": Invented(name="Noah Lindvass", woman=False, age=22, days=133),
    "amir": Invented(name="Amir Norrbäcken", woman=False, age=None, protected="unknown"),
    "vera": Invented(name="Vera Tallbring", woman=True, age=14, days=18),
    "hugo": Invented(name="Hugo Myrvall", woman=False, age=16, days=77),
    "leon": Invented(name="Leon Ekviken", woman=False, age=19, days=201),
    "stina": Invented(name="Stina Bergfly", woman=True, age=12, days=300),
    "wilma": Invented(name="Wilma Sjöhed", woman=True, age=17, days=9),
    "casper": Invented(name="Casper Ljungvret", woman=False, age=15, days=244),
}

ADULTS: dict[str, Invented] = {
    "helena": Invented(name="Helena Granhed", woman=True, age=43, days=12),
    "roger": Invented(name="Roger Granhed", woman=False, age=45, days=230),
    "camilla": Invented(name="Camilla Forsvret", woman=True, age=39, days=170),
    "stefan": Invented(name="Stefan Hagvret", woman=False, age=41, days=88),
    "marie": Invented(name="Marie Skärmon", woman=True, age=38, days=19, protected="yes"),
    "anders": Invented(name="Anders Åhlvret", woman=False, age=44, days=301),
    "linda": Invented(name="Linda Tallbring", woman=True, age=40, days=55),
}

PEOPLE: dict[str, Invented] = YOUNG | ADULTS
