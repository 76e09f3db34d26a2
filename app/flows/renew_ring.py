"""Give an organisation a new version of its key ring, and seal anew all that the old one sealed.

From then on everything is sealed under the new version. What is there is sealed anew, a batch in
each transaction, so that it can be stopped and gone on with, and everything can be read at each
instant: the keys of cases, identities, deliveries, texts, and the details of the log, whose
commitments are to what they say and therefore hold. When nothing is left under the old version, it
can be destroyed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from app.domain.ids import INSTALLATION, new_id
from app.flows.install import NotAdded, Operator
from app.flows.reseal_rows import (
    mark_of,
    reseal_details,
    reseal_subjects,
    reseal_texts,
    rewrap_case_keys,
    rewrap_deliveries,
)
from app.flows.ring_texts import RING_TEXTS
from app.flows.sealing import stored_ring
from app.keys import Keyring, Ring, Rings
from app.records.audit_log import latest_checkpoint
from app.records.organisation import organisation_of
from app.records.organisation_key import insert_ring
from app.records.ring_rows import count_under_older, destroy_rings_before, latest_renewal
from app.records.store import Store
from app.records.transaction import Transaction
from audit.canonical import Json
from audit.entry import Event

BATCH = 500

Reseal = Callable[[Transaction, Ring, Rings, str, int], list[str]]
"""Seals at most so many rows anew, told by that entry. What it gives is a hash for each."""

STAGES: tuple[tuple[str, Reseal], ...] = (
    ("ring.case_keys_resealed", rewrap_case_keys),
    ("ring.subjects_resealed", reseal_subjects),
    ("ring.deliveries_resealed", rewrap_deliveries),
    ("ring.texts_resealed", reseal_texts),
    ("ring.details_resealed", reseal_details),
)
_COLUMNS = tuple(one.column for one in RING_TEXTS)


@dataclass(frozen=True)
class RingRenewed:
    """The ring has this version now. `begun`: it had, and an earlier renewal is gone on with."""

    version: int
    begun: bool


@dataclass(frozen=True)
class Resealed:
    """How far it has come: rows sealed anew by this run, and rows that remain."""

    done: int
    left: int


@dataclass(frozen=True)
class RingsDestroyed:
    """These versions are gone for good."""

    versions: tuple[int, ...]


def renew_ring(
    organisation_id: str,
    operator: Operator,
    *,
    at: datetime,
    store: Store,
    keyring: Keyring,
    rings: Rings,
) -> RingRenewed | NotAdded:
    """A new version, unless something of an earlier renewal remains, which is then gone on with."""
    rings.read_again()
    with store.begin(at=at) as tx:
        if not _is_there(tx, organisation_id):
            return _refused(tx, operator, f"there is no organisation {organisation_id}", at=at)
        ring = rings.current(organisation_id)
        left = count_under_older(tx, mark_of(ring), _COLUMNS)
        version = ring.version if left else ring.version + 1
        about: dict[str, Json] = {"organisation": organisation_id, "version": version}
        event = _event(
            "ring.renewal_resumed" if left else "ring.renewed", operator, at=at, about=about
        )
        if not left:
            stored = stored_ring(keyring.new_ring(organisation_id, version))
            insert_ring(tx, stored, at=at, entry_id=event.id)
        tx.record(event, sealer=operator.sealer)
    rings.read_again()
    return RingRenewed(version, begun=left > 0)


def reseal(
    organisation_id: str, operator: Operator, *, at: datetime, store: Store, rings: Rings
) -> Iterator[Resealed]:
    """Seal anew under the newest version, a batch at a time; told after each."""
    ring, done = rings.current(organisation_id), 0
    with store.look(at=at) as tx:
        left = count_under_older(tx, mark_of(ring), _COLUMNS)
    for op, seal in STAGES:
        while count := _batch(op, seal, ring, operator, at=at, store=store, rings=rings):
            done += count
            yield Resealed(done, max(0, left - done))
    with store.look(at=at) as tx:
        left = count_under_older(tx, mark_of(ring), _COLUMNS)
    yield Resealed(done, left)


def _batch(
    op: str,
    seal: Reseal,
    ring: Ring,
    operator: Operator,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
) -> int:
    """One transaction's worth. How many rows it was; 0 when none remains."""
    with store.begin(at=at) as tx:
        event_id = new_id(at)
        hashes = seal(tx, ring, rings, event_id, BATCH)
        if hashes:
            event = _event(
                op,
                operator,
                at=at,
                about={"organisation": ring.organisation_id, "version": ring.version},
                detail={"count": len(hashes)},
                event_id=event_id,
                wr=hashlib.sha256("".join(sorted(hashes)).encode()).hexdigest(),
            )
            tx.record(event, sealer=operator.sealer)
    return len(hashes)


def destroy_old_rings(
    organisation_id: str, operator: Operator, *, at: datetime, store: Store, rings: Rings
) -> RingsDestroyed | NotAdded:
    """Delete every version but the newest, once nothing is sealed under one and that is signed.

    Backups made before still hold them, sealed by the root key.
    """
    rings.read_again()
    with store.begin(at=at) as tx:
        if not _is_there(tx, organisation_id):
            return _refused(tx, operator, f"there is no organisation {organisation_id}", at=at)
        mark = mark_of(rings.current(organisation_id))
        if left := count_under_older(tx, mark, _COLUMNS):
            why = f"{left} rows are still sealed under an older version; renew the ring first"
            return _refused(tx, operator, why, at=at)
        renewed = latest_renewal(tx)
        signed = latest_checkpoint(tx)
        if renewed is None or signed is None or signed.n <= renewed:
            why = "the renewal is not signed yet; run `sluss seal`, and this again"
            return _refused(tx, operator, why, at=at)
        event_id = new_id(at)
        gone = destroy_rings_before(tx, mark, entry_id=event_id)
        about: dict[str, Json] = {"organisation": organisation_id, "version": mark.version}
        detail: dict[str, Json] = {"destroyed": list[Json](gone)}
        event = _event(
            "ring.destroyed", operator, at=at, about=about, detail=detail, event_id=event_id
        )
        tx.record(event, sealer=operator.sealer)
    rings.read_again()
    return RingsDestroyed(tuple(gone))


def _is_there(tx: Transaction, organisation_id: str) -> bool:
    return organisation_id == INSTALLATION or organisation_of(tx, organisation_id) is not None


def _refused(tx: Transaction, operator: Operator, why: str, *, at: datetime) -> NotAdded:
    event = _event("ring.renew_refused", operator, at=at, about={}, res="deny")
    tx.record(event, sealer=operator.sealer)
    return NotAdded(why)


def _event(
    op: str,
    operator: Operator,
    *,
    at: datetime,
    about: dict[str, Json],
    detail: dict[str, Json] | None = None,
    res: str = "allow",
    event_id: str | None = None,
    wr: str | None = None,
) -> Event:
    return Event(
        id=event_id or new_id(at),
        op=op,
        res="deny" if res == "deny" else "allow",
        org=INSTALLATION,
        actor={"operator": operator.name},
        object=about,
        detail=detail or {},
        wr=wr,
    )
