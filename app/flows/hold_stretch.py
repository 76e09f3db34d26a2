"""Hold a stretch of one organisation's entries against the log, before anything is told of it."""

from __future__ import annotations

from dataclasses import dataclass

from app.flows.index_held import Held, IndexReader
from app.keys import Rings
from app.records.audit_view import SeenEntry
from app.records.log_beside_index import Chosen, missing_rows
from app.records.transaction import Transaction

MOST_TOLD = 20
"""So many of those that differ are told one by one; the rest are counted."""


@dataclass(frozen=True, kw_only=True)
class Unlike:
    """Where the index says something else than the log."""

    held: tuple[Held, ...] = ()
    """The first of them."""
    count: int = 0
    """How many they are, and how many places of the log have no entry at all."""


@dataclass(frozen=True, kw_only=True)
class StretchHeld:
    """What the organisation's entries in a stretch say, newest first, and where the index errs."""

    entries: tuple[SeenEntry, ...]
    unlike: Unlike


def hold_stretch(
    tx: Transaction, rings: Rings, organisation_id: str, start: int, stop: int
) -> StretchHeld:
    """The entries with start <= n < stop. Two or three queries for each thousand places."""
    entries: list[SeenEntry] = []
    unlike: list[Held] = []
    count = missing_rows(tx, start, stop)
    chosen = Chosen(organisation_id=organisation_id)
    for one in IndexReader(tx, rings).held(start, stop, chosen):
        if one.said is not None and one.said.organisation_id == organisation_id:
            entries.append(one.said)
        if not one.alike:
            count += 1
            unlike += [one] if len(unlike) < MOST_TOLD else []
    return StretchHeld(entries=tuple(entries[::-1]), unlike=Unlike(held=tuple(unlike), count=count))
