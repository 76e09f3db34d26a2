"""Begin the signed log under a new name, when the old one cannot go on after a restored backup.

The log lost entries that had been signed, and no signature may hide that. So what is left goes on
under another name, and its first entry says how far the old one had come, and why it ended there.
So does an entry of each organisation, because it concerns the exports of all of them.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import datetime

from app.domain.ids import new_id
from app.flows.install import Operator
from app.keys import Rings, event_sealer
from app.records.audit_log import StoredLog
from app.records.organisation import all_organisations
from app.records.store import Store
from audit.canonical import Json
from audit.checkpoint import Checkpoint


def begin_log(
    name: str,
    before: Checkpoint,
    refused: str,
    because: str,
    operator: Operator,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
) -> int:
    """Tell it. `before` is the last checkpoint known of the old name, `refused` why its signer
    signs no more. Returns how many entries are left of what that checkpoint covered."""
    with store.begin(at=at) as tx:
        left = StoredLog(tx).head().n
        detail: dict[str, Json] = {
            "before": before.origin,
            "size": before.size,
            "root": base64.b64encode(before.root).decode(),
            "left": min(left, before.size),
            "refused": refused,
            "because": because,
        }
        event = operator.event("log.begun_anew", at=at, about={"log": name}, detail=detail)
        tx.record(event, sealer=operator.sealer)
        for one in all_organisations(tx):
            told = replace(event, id=new_id(at), org=one.id)
            tx.record(told, sealer=event_sealer(rings.current(one.id), None))
    return min(left, before.size)
