"""The gate on a small world; `sluss bench --signals` measures whole years."""

from __future__ import annotations

import pytest

from app.bench.access_year import DEVELOPMENT_SEEDS, HELD_OUT_SEEDS, make_year
from app.bench.signals import FALSE_PER_THOUSAND, RECALL, Measured, measure_years
from app.signals import DETECTORS, detect

SMALL = (901, 902)
"""Neither for setting thresholds nor for the figures."""


@pytest.fixture(scope="module")
def measured() -> Measured:
    return measure_years(
        [make_year(seed, days=150, staff=20, cases=160, per_kind=6) for seed in SMALL]
    )


@pytest.mark.parametrize("kind", DETECTORS)
def test_planted_snoopers_of_each_kind_are_found(measured: Measured, kind: str) -> None:
    assert measured.planted[kind] >= 10  # type: ignore[index]
    assert measured.recall(kind) >= RECALL  # type: ignore[arg-type]


def test_few_signals_speak_for_nothing(measured: Measured) -> None:
    assert measured.accesses > 10_000
    assert measured.false_per_thousand <= FALSE_PER_THOUSAND


def test_one_year_is_the_same_each_time() -> None:
    small = {"days": 120, "staff": 10, "cases": 60, "per_kind": 1}
    assert make_year(7, **small) == make_year(7, **small)
    assert make_year(7, **small).accesses != make_year(8, **small).accesses


def test_the_figures_are_of_years_that_set_no_threshold() -> None:
    assert not {*DEVELOPMENT_SEEDS} & {*HELD_OUT_SEEDS}


def test_without_snoopers_nearly_nothing_is_told() -> None:
    year = make_year(7, days=150, staff=20, cases=160, per_kind=0)
    assert 1000 * len(detect(year.accesses, year.known)) / len(year.accesses) <= FALSE_PER_THOUSAND
