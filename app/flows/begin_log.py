"""Begin the signed log under a new name, when the old one cannot go on after a restored backup.

The log lost entries that had been signed, and no signature may hide that. So what is left goes on
under another name, and its first entry says how far the old one had come, and why it ended there.
So does an entry of each organisation, because it concerns the exports of all of them.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from app.domain.ids import new_id
from app.flows.install import Operator
from app.flows.log_behind import Left, entries_left
from app.keys import Rings, event_sealer
from app.records.audit_log import StoredLog
from app.records.organisation import all_organisations
from app.records.store import Store
from audit.canonical import Json
from audit.checkpoint import Checkpoint


def begin_log(
    name: str,
    known: Sequence[Checkpoint],
    refused: str,
    because: str,
    operator: Operator,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
) -> Left:
    """Tell it. `known` are the checkpoints known of the old name, the last of them last, and
    `refused` is why its signer signs no more. Returns how many entries are left of what it signed.
    """
    before = known[-1]
    with store.begin(at=at) as tx:
        left = entries_left(StoredLog(tx), known)
        detail: dict[str, Json] = {
            "before": before.origin,
            "size": before.size,
            "root": base64.b64encode(before.root).decode(),
            "left": left.most,
            "left_at_least": left.least,
            "refused": refused,
            "because": because,
        }
        event = operator.event("log.begun_anew", at=at, about={"log": name}, detail=detail)
        tx.record(event, sealer=operator.sealer)
        for one in all_organisations(tx):
            told = replace(event, id=new_id(at), org=one.id)
            tx.record(told, sealer=event_sealer(rings.current(one.id), None))
    return left
