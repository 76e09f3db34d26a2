"""Days off in Sweden, against the almanac of several years."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.domain.public_holiday import is_public_holiday


@pytest.mark.parametrize(
    "good_friday", ["2024-03-29", "2025-04-18", "2026-04-03", "2027-03-26", "2038-04-23"]
)
def test_easter_moves_and_the_days_counted_from_it_with_it(good_friday: str) -> None:
    friday = date.fromisoformat(good_friday)
    off = [days for days in range(-7, 60) if is_public_holiday(friday + timedelta(days=days))]
    # May Day, the national day and midsummer eve fall where they fall among these.
    assert {0, 2, 3, 41, 51} <= set(off)
    assert len(off) <= 8
    assert not is_public_holiday(friday - timedelta(days=1))


@pytest.mark.parametrize("eve", ["2025-06-20", "2026-06-19", "2027-06-25", "2028-06-23"])
def test_midsummer_eve_is_a_friday(eve: str) -> None:
    assert is_public_holiday(date.fromisoformat(eve))
    assert not is_public_holiday(date.fromisoformat(eve) - timedelta(days=1))


def test_a_year_has_fourteen_of_them() -> None:
    days = (date(2026, 1, 1) + timedelta(days=number) for number in range(365))
    assert sum(is_public_holiday(day) for day in days) == 14
