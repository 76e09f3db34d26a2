"""Run the figures and print them, one row each. Exit 1 if any falls short of its target."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence

import structlog

from app.bench import commits, hashing, law, pages, sealing, signals
from app.bench.figure import Figure

GROUPS: dict[str, Callable[[str | None], Iterator[Figure]]] = {
    "seal": sealing.measure,
    "commit": commits.measure,
    "log": hashing.measure,
    "pages": pages.measure,
    "law": law.measure,
    "signals": signals.measure,
}
OK, SHORT, USAGE = 0, 1, 2


def run_bench(names: Sequence[str], *, as_json: bool, server: str | None) -> int:
    """Measure the named groups, or all. Prints a row as soon as its figure is known.

    `server` is a PostgreSQL URL, None to measure on SQLite alone; the output says which.
    """
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        known = ", ".join(GROUPS)
        sys.stderr.write(f"sluss: no figure is called {unknown[0]}; there are {known}\n")
        return USAGE
    # The request log would stand between the rows; its cost stays, its output goes nowhere.
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    figures = []
    for name in names or GROUPS:
        for figure in GROUPS[name](server):
            figures.append(figure)
            if not as_json:
                sys.stdout.write(_row(figure) + "\n")
                sys.stdout.flush()
    if server is None and not as_json and "commit" in (names or GROUPS):
        sys.stdout.write("commit-postgresql       not measured: SLUSS_TEST_POSTGRES is not set\n")
    if as_json:
        sys.stdout.write(json.dumps([_told(figure) for figure in figures], indent=2) + "\n")
    return SHORT if any(figure.met is False for figure in figures) else OK


def _row(figure: Figure) -> str:
    target = "" if figure.target is None else f"{figure.sense} {figure.target:g}"
    verdict = {True: "met", False: "short", None: "-"}[figure.met]
    value = f"{figure.value:,.0f}" if figure.value >= 1000 else f"{figure.value:.2f}"
    return f"{figure.name:<24} {value:>9} {figure.unit:<34} {target:<14} {verdict:<6} {figure.note}"


def _told(figure: Figure) -> dict[str, object]:
    verdict = {True: "met", False: "short", None: None}[figure.met]
    return {
        "name": figure.name,
        "value": figure.value,
        "unit": figure.unit,
        "target": figure.target,
        "sense": figure.sense,
        "verdict": verdict,
        "note": figure.note,
    }
