"""How much of a disclosure page is the law: two hundred notes, each towards every organisation.

Every page is asked for over HTTP, with session, log entry flushed to disk and decryption, and the
time spent inside the package `policies` is counted: deciding, and putting the answers in words.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from app.bench.bench_house import RECIPIENT, SENDER, BenchFault, BenchHouse
from app.bench.figure import Figure
from app.bench.pages import shown, signed_in
from app.flows import consider_disclosure
from app.main import web_application
from app.web import answer_words

NOTES = 200
_ENTRANCES = (
    (consider_disclosure, "decide_note"),
    (answer_words, "explain"),
    (answer_words, "rules_of"),
)
"""Where the page goes into the law. Deciding is the first of them; the others find words."""


def measure() -> Iterator[Figure]:
    """The portion of the pages that is spent in the law, words included."""
    with TemporaryDirectory() as name, BenchHouse(Path(name) / "house") as house:
        taken = {SENDER.kind, RECIPIENT.kind, "PERSON"}
        house.add_neighbours([kind for kind in house.law.vocabulary.kinds if kind not in taken])
        client, _ = signed_in(web_application(house.house))
        _, notes = house.case_with_notes(NOTES)
        asked = [f"/anteckningar/{note}/lamna-ut?purpose=prevent_crime" for note in notes]
        shown(client.get(asked[0]))
        clocks = [_Clock() for _ in _ENTRANCES]
        whole_law, deciding = [], []
        with ExitStack() as stack:
            for clock, (module, entrance) in zip(clocks, _ENTRANCES, strict=True):
                timed = clock.around(getattr(module, entrance))
                stack.enter_context(patch.object(module, entrance, timed))
            for address in asked:
                for clock in clocks:
                    clock.spent = 0.0
                start = time.perf_counter()
                shown(client.get(address))
                whole = time.perf_counter() - start
                if not clocks[0].spent:
                    raise BenchFault("a disclosure page was shown without asking the law")
                deciding.append(100 * clocks[0].spent / whole)
                whole_law.append(100 * sum(clock.spent for clock in clocks) / whole)
    yield Figure(
        name="law-page-portion",
        value=median(whole_law),
        unit="% of a disclosure page",
        target=3,
        note=f"median of {NOTES} notes' pages, towards every kind of organisation; "
        f"deciding alone {median(deciding):.2f} %, the rest is putting it in words",
    )


class _Clock:
    """Adds up the time spent in a function."""

    def __init__(self) -> None:
        self.spent = 0.0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*args, **named)
            finally:
                self.spent += time.perf_counter() - start

        return timed
