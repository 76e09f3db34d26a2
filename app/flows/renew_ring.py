"""Give an organisation a new version of its key ring, and seal anew what can be.

From then on everything is sealed under the new version. The keys of its cases and the identities
of its subjects are sealed anew, a batch in each transaction, so that it can be stopped and gone on
with, and every note can be read at each instant. Deliveries, other texts and the details of the log
stay under the version they were sealed with, which is therefore kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.domain.ids import INSTALLATION, new_id
from app.flows.install import NotAdded, Operator
from app.flows.sealing import open_subject, seal_subject
from app.keys import Keyring, Ring, Rings, WrappedCaseKey, key_version_of
from app.records.case import StoredCaseKey
from app.records.organisation import organisation_of
from app.records.organisation_key import StoredRing, insert_ring
from app.records.ring_rows import (
    case_keys_under_older,
    count_case_keys_under_older,
    replace_wrap,
    subjects_after,
)
from app.records.store import Store
from app.records.subject import replace_identity
from app.records.transaction import Transaction
from audit.canonical import Json
from audit.entry import Event

BATCH = 500


@dataclass(frozen=True)
class RingRenewed:
    """The ring has this version now. `begun`: it had, and an earlier renewal is gone on with."""

    version: int
    begun: bool


@dataclass(frozen=True)
class Resealed:
    """How far it has come: case keys and subjects sealed anew, and case keys that remain."""

    case_keys: int
    subjects: int
    left: int


def renew_ring(
    organisation_id: str,
    operator: Operator,
    *,
    at: datetime,
    store: Store,
    keyring: Keyring,
    rings: Rings,
) -> RingRenewed | NotAdded:
    """A new version, unless case keys of an earlier renewal remain, which is then gone on with."""
    rings.read_again()
    with store.begin(at=at) as tx:
        if organisation_of(tx, organisation_id) is None:
            tx.record(
                _event("ring.renew_refused", operator, at=at, about={}, res="deny"),
                sealer=operator.sealer,
            )
            return NotAdded(f"there is no organisation with the id {organisation_id}")
        now = rings.current(organisation_id).version
        left = count_case_keys_under_older(tx, organisation_id, now)
        version = now if left else now + 1
        about: dict[str, Json] = {"organisation": organisation_id, "version": version}
        event = _event(
            "ring.renewal_resumed" if left else "ring.renewed", operator, at=at, about=about
        )
        if not left:
            new = keyring.new_ring(organisation_id, version)
            stored = StoredRing(
                organisation_id=organisation_id,
                version=version,
                public_key=new.public_key,
                sealed=new.sealed,
                root_key_id=new.root_key_id,
            )
            insert_ring(tx, stored, at=at, entry_id=event.id)
        tx.record(event, sealer=operator.sealer)
    rings.read_again()
    return RingRenewed(version, begun=left > 0)


def reseal(
    organisation_id: str, operator: Operator, *, at: datetime, store: Store, rings: Rings
) -> Iterator[Resealed]:
    """Seal anew under the newest version, a batch at a time; told after each."""
    ring, keys, subjects, after = rings.current(organisation_id), 0, 0, ""
    while True:
        with store.begin(at=at) as tx:
            done, left = _rewrap(tx, ring, operator, at=at, rings=rings)
        keys += done
        yield Resealed(keys, subjects, left)
        if not done:
            break
    while True:
        with store.begin(at=at) as tx:
            after, done = _reseal_subjects(tx, ring, after, operator, at=at)
        if not after:
            return
        subjects += done
        yield Resealed(keys, subjects, 0)


def _rewrap(
    tx: Transaction, ring: Ring, operator: Operator, *, at: datetime, rings: Rings
) -> tuple[int, int]:
    """How many case keys were wrapped anew, and how many remain."""
    where, version = ring.organisation_id, ring.version
    old = case_keys_under_older(tx, where, version, most=BATCH)
    if not old:
        return 0, 0
    event_id = new_id(at)
    wraps = []
    for stored in old:
        new = rings.version(where, stored.ring_version).rewrap_case_key(
            WrappedCaseKey(
                case_id=stored.case_id,
                organisation_id=where,
                ring_version=stored.ring_version,
                sealed=stored.wrapped,
            ),
            ring_version=version,
            public_key=ring.public_key,
        )
        put = StoredCaseKey(
            case_id=stored.case_id, organisation_id=where, ring_version=version, wrapped=new.sealed
        )
        if replace_wrap(tx, stored, put, entry_id=event_id):
            wraps.append(new.wraps_hash)
    event = _event(
        "ring.case_keys_resealed",
        operator,
        at=at,
        about={"organisation": where, "version": version},
        detail={"count": len(wraps)},
        event_id=event_id,
        wr=hashlib.sha256("".join(sorted(wraps)).encode()).hexdigest(),
    )
    tx.record(event, sealer=operator.sealer)
    return len(wraps), count_case_keys_under_older(tx, where, version)


def _reseal_subjects(
    tx: Transaction, ring: Ring, after: str, operator: Operator, *, at: datetime
) -> tuple[str, int]:
    """The last id looked at, empty at the end, and how many were sealed anew."""
    found = subjects_after(tx, ring.organisation_id, after, most=BATCH)
    older = [one for one in found if key_version_of(one.identity) != ring.version]
    if older:
        event = _event(
            "ring.subjects_resealed",
            operator,
            at=at,
            about={"organisation": ring.organisation_id, "version": ring.version},
            detail={"count": len(older)},
        )
        for sealed in older:
            replace_identity(tx, seal_subject(ring, open_subject(ring, sealed)), entry_id=event.id)
        tx.record(event, sealer=operator.sealer)
    return (found[-1].id if found else ""), len(older)


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
