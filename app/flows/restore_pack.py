"""Bring back a kept pack whose rows were damaged. Its hash vouches that it is the same.

Law: OSL 8 kap. 1 § (nothing can be disclosed while nobody can say what the law is)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.ids import INSTALLATION, new_id
from app.flows.install import Operator
from app.records.rule_pack import pack_is_kept, replace_contents
from app.records.store import Store
from audit.entry import Event
from policies.reading import hash_of_files


@dataclass(frozen=True)
class Restored:
    """What is kept under the hash is whole again."""

    sha256: str


@dataclass(frozen=True)
class NotRestored:
    """No pack with the hash of these files has been kept, so there is nothing to bring back."""

    sha256: str


def restore_pack(
    contents: Mapping[str, bytes], operator: Operator, *, at: datetime, store: Store
) -> Restored | NotRestored:
    """Keep the files again under their own hash. No other pack can be put in its place."""
    sha256 = hash_of_files(contents)
    with store.begin(at=at) as tx:
        kept = pack_is_kept(tx, sha256)
        event = Event(
            id=new_id(at),
            op="pack.restored",
            res="allow" if kept else "deny",
            org=INSTALLATION,
            actor={"operator": operator.name},
            object={},
            detail={"sha256": sha256},
            pol=sha256,
        )
        if kept:
            replace_contents(tx, contents, sha256=sha256, entry_id=event.id)
        tx.record(event, sealer=operator.sealer)
    return Restored(sha256) if kept else NotRestored(sha256)
