"""Keep a rule pack whole under its hash, and take the first one of an installation in use.

Every later pack is proposed by one person and activated by another.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.domain.ids import INSTALLATION, new_id
from app.flows.install import Operator
from app.records.errors import StoreConflict
from app.records.pack_activation import insert_activation, noted_hash
from app.records.rule_pack import insert_pack, pack_is_kept
from app.records.store import Store
from audit.canonical import Json
from audit.entry import Event
from policies import Law


def keep_pack(
    law: Law, contents: Mapping[str, bytes], operator: Operator, *, at: datetime, store: Store
) -> bool:
    """Whether it was new. `contents` are the files that `law` was loaded from."""
    with store.look(at=at) as tx:
        if pack_is_kept(tx, law.sha256):
            return False
    with store.begin(at=at) as tx:
        event = _event("pack.kept", law, operator, at=at)
        insert_pack(
            tx,
            contents,
            sha256=law.sha256,
            pack_id=law.id,
            version=law.version,
            rules_sha256=law.rules_sha256,
            entry_id=event.id,
        )
        tx.record(event, sealer=operator.sealer)
    return True


def activate_first_pack(
    law: Law, contents: Mapping[str, bytes], operator: Operator, *, at: datetime, store: Store
) -> bool:
    """Keep the pack that an installation begins with and take it in use, unless one is in use.

    Two starts at once activate one. Whether this one did.
    """
    with store.look(at=at) as tx:
        if noted_hash(tx) is not None:
            return False
    keep_pack(law, contents, operator, at=at, store=store)
    try:
        with store.begin(at=at) as tx:
            event = _event("pack.first_activated", law, operator, at=at)
            insert_activation(
                tx, law.sha256, n=0, proposed_by=None, activated_by=None, entry_id=event.id
            )
            tx.record(event, sealer=operator.sealer)
    except StoreConflict:
        return False
    return True


def _event(op: str, law: Law, operator: Operator, *, at: datetime) -> Event:
    detail: dict[str, Json] = {"sha256": law.sha256, "rules_sha256": law.rules_sha256}
    return Event(
        id=new_id(at),
        op=op,
        res="allow",
        org=INSTALLATION,
        actor={"operator": operator.name},
        object={"pack": law.id, "version": law.version},
        detail=detail,
        pol=law.sha256,
    )
