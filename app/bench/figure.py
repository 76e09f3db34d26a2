"""One measured figure, and how it is timed: interleaved rounds, medians of the rounds' ratios.

The arms of a comparison take turns, so that a busy machine slows both alike. Absolute times are
printed beside the ratio for whoever wants them; only the ratio is a promise.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A name, a value, and what it should be. `target` None: printed for information."""

    name: str
    value: float
    unit: str
    target: float | None = None
    sense: Literal["at most", "at least"] = "at most"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.value <= self.target if self.sense == "at most" else self.value >= self.target


@dataclass(frozen=True)
class Comparison:
    """Two arms timed in turns: seconds per call of each, and the median ratio first/second."""

    first: float
    second: float
    ratio: float


def compare(
    first: Callable[[], object],
    second: Callable[[], object],
    *,
    rounds: int,
    calls: int,
) -> Comparison:
    """Time `first` against `second`. Each round runs each arm `calls` times, in turns."""
    for warm_up in (first, second):
        warm_up()
    pairs = []
    gc.collect()
    gc.disable()
    try:
        for number in range(rounds):
            arms = (first, second) if number % 2 == 0 else (second, first)
            took = {arm: _timed(arm, calls) for arm in arms}
            pairs.append((took[first], took[second]))
    finally:
        gc.enable()
    return Comparison(
        first=median(a for a, _ in pairs),
        second=median(b for _, b in pairs),
        ratio=median(a / b for a, b in pairs),
    )


def _timed(arm: Callable[[], object], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        arm()
    return (time.perf_counter() - start) / calls
