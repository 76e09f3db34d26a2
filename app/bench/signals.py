"""How many planted snoopers the detectors find, and how often they speak for nothing.

A signal is false when the access that made it was not planted. The figures are those of years the
thresholds were not set on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.bench.access_making import Planted
from app.bench.access_year import HELD_OUT_SEEDS, Year, make_year
from app.bench.figure import Figure
from app.signals import DETECTORS, Signal, detect
from app.signals.access import SignalKind

RECALL = 0.9
FALSE_PER_THOUSAND = 1.0
_MARGIN = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Counts over one or several years, by kind of signal."""

    planted: Counter[SignalKind]
    found: Counter[SignalKind]
    false: Counter[SignalKind]
    accesses: int

    def recall(self, kind: SignalKind) -> float:
        """Share of the planted incidents of that kind for which there was a signal of that kind."""
        return self.found[kind] / self.planted[kind] if self.planted[kind] else 0.0

    @property
    def false_per_thousand(self) -> float:
        """False signals of all kinds per thousand accesses."""
        return 1000 * self.false.total() / self.accesses


def measure_years(years: Sequence[Year]) -> Measured:
    """Run the detectors and compare with what was planted."""
    planted: Counter[SignalKind] = Counter()
    found: Counter[SignalKind] = Counter()
    false: Counter[SignalKind] = Counter()
    for year in years:
        signals = detect(year.accesses, year.known)
        for incident in year.planted:
            planted[incident.kind] += 1
            found[incident.kind] += any(_names(one, incident) for one in signals)
        false.update(one.kind for one in signals if one.n not in year.by_snoopers)
    accesses = sum(len(year.accesses) for year in years)
    return Measured(planted=planted, found=found, false=false, accesses=accesses)


def measure(_server: str | None) -> Iterator[Figure]:
    """One row for each kind, and one for what is false."""
    measured = measure_years([make_year(seed) for seed in HELD_OUT_SEEDS])
    for kind in DETECTORS:
        yield Figure(
            name=f"signal-{kind.replace('_', '-')}",
            value=measured.recall(kind),
            unit="of those planted were found",
            target=RECALL,
            sense="at least",
            note=_counts(measured, kind),
        )
    yield Figure(
        name="signals-false",
        value=measured.false_per_thousand,
        unit="false signals per 1,000 accesses",
        target=FALSE_PER_THOUSAND,
        note=f"{measured.accesses:,} accesses, {len(HELD_OUT_SEEDS)} years not seen before",
    )


def _counts(measured: Measured, kind: SignalKind) -> str:
    return f"{measured.found[kind]} of {measured.planted[kind]}; {measured.false[kind]} false"


def _names(signal: Signal, incident: Planted) -> bool:
    same_case = signal.case_id is None or signal.case_id in incident.case_ids
    near = incident.start - _MARGIN <= signal.at <= incident.end + _MARGIN
    return (
        signal.kind == incident.kind and signal.staff_id == incident.staff_id and same_case and near
    )
