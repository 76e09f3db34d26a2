"""Hold a stretch of one organisation's entries against the log, before anything is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.flows.index_held import Held, IndexReader
from app.keys import Rings
from app.records.audit_log import StoredLog, index_at
from app.records.audit_view import SeenEntry, newest_from, receipts_among
from app.records.log_beside_index import Chosen, missing_rows
from app.records.transaction import Transaction

MOST_TOLD = 20
"""So many of those that differ are told one by one; the rest are counted."""
_REGISTERED = "delivery.registered"
"""What another does that the sender is told of."""


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
    whole: bool = True
    """Whether all of the time that was asked for was read."""


def hold_since(
    tx: Transaction,
    rings: Rings,
    organisation_id: str,
    since: datetime,
    *,
    below: int | None = None,
    most: int,
) -> StretchHeld:
    """The entries from an instant on, of which the newest `most` are read where there are more."""
    stop = StoredLog(tx).head().n if below is None else below
    first = index_at(tx, since)
    start = stop if first is None else min(first, stop)
    newest = newest_from(tx, organisation_id, stop, most)
    held = hold_stretch(tx, rings, organisation_id, max(start, newest), stop)
    return replace(held, whole=newest <= start)


def hold_stretch(
    tx: Transaction,
    rings: Rings,
    organisation_id: str,
    start: int,
    stop: int,
    *,
    receipts: bool = False,
) -> StretchHeld:
    """The entries with start <= n < stop. A few queries for each thousand places.

    With `receipts`, also what others registered of what the organisation disclosed to them.
    """
    entries: list[SeenEntry] = []
    unlike: list[Held] = []
    others: list[Held] = []
    count = missing_rows(tx, start, stop)
    chosen = Chosen(organisation_id=organisation_id, ops=(_REGISTERED,) if receipts else ())
    for one in IndexReader(tx, rings).held(start, stop, chosen):
        if one.said is not None and one.said.organisation_id == organisation_id:
            entries.append(one.said)
        if one.alike:
            continue
        if one.is_of(organisation_id):
            count += 1
            unlike += [one] if len(unlike) < MOST_TOLD else []
        else:
            others += [one] if len(others) < MOST_TOLD else []
    registered = _receipts(tx, organisation_id, others)
    told = sorted((*unlike, *registered), key=lambda one: one.n)[:MOST_TOLD]
    return StretchHeld(
        entries=tuple(entries[::-1]),
        unlike=Unlike(held=tuple(told), count=count + len(registered)),
    )


def _receipts(tx: Transaction, sender_id: str, others: Sequence[Held]) -> list[Held]:
    """Those of others' entries that registered what the organisation had disclosed."""
    if not others:
        return []
    ids = [one.said.id for one in others if one.said is not None]
    known = receipts_among(tx, sender_id, ids)
    return [
        replace(one, receipt=True)
        for one in others
        if one.said is not None and one.said.id in known
    ]
