"""Seal every organisation's key ring under another root key, all in one transaction.

The rings' own keys stay as they are, so nothing that they have sealed changes, and a service that
has opened them goes on until it reads them anew. Whoever holds the old root key and a copy of the
database from before can read what that copy holds; only renewed rings end that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.flows.install import Operator
from app.flows.sealing import sealed_ring, stored_ring
from app.keys import Keyring, RootSeal
from app.records.organisation_key import all_rings, replace_seal
from app.records.store import Store


@dataclass(frozen=True)
class RootRenewed:
    """Every ring is under the new root key now."""

    before: str
    """Id of the root key that they were under."""
    rings: int


def renew_root(
    operator: Operator, new_root: RootSeal, *, at: datetime, store: Store, keyring: Keyring
) -> RootRenewed:
    """All rings, every version, or none. Raises RingOfAnotherRoot, SealBroken."""
    with store.begin(at=at) as tx:
        rings = all_rings(tx)
        event = operator.event(
            "root.renewed",
            at=at,
            about={"root_key": new_root.key_id},
            detail={"before": keyring.root_key_id, "rings": len(rings)},
        )
        for stored in rings:
            moved = keyring.under_new_root(sealed_ring(stored), new_root)
            replace_seal(tx, stored_ring(moved), entry_id=event.id)
        tx.record(event, sealer=operator.sealer)
    return RootRenewed(keyring.root_key_id, len(rings))


def tell_root_destroyed(operator: Operator, key_id: str, *, at: datetime, store: Store) -> None:
    """Told before the file goes: a crash leaves a file too many, never a deed that is not told."""
    with store.begin(at=at) as tx:
        event = operator.event("root.destroyed", at=at, about={"root_key": key_id})
        tx.record(event, sealer=operator.sealer)
