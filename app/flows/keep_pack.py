"""Keep the rule pack in use whole, as an entry with its hash, the first time it is used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.domain.ids import INSTALLATION, new_id
from app.flows.install import Operator
from app.records.rule_pack import insert_pack, pack_is_kept
from app.records.store import Store
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
        event = Event(
            id=new_id(at),
            op="pack.kept",
            res="allow",
            org=INSTALLATION,
            actor={"operator": operator.name},
            object={"pack": law.id, "version": law.version},
            detail={"sha256": law.sha256, "rules_sha256": law.rules_sha256},
            pol=law.sha256,
        )
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
