"""Give out the receipt of one entry: the proof that it is in the signed log.

It names nobody: what the entry is about is in it as commitments only. That it was given is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.ids import INSTALLATION, new_id
from app.flows.install import Operator
from app.records.audit_log import StoredLog, index_of_entry, latest_checkpoint
from app.records.store import Store
from audit.entry import Event
from audit.receipt import Receipt, make_receipt


@dataclass(frozen=True)
class NoSuchEntry:
    """The log has no entry with that index or id."""


def give_receipt(
    named: str, operator: Operator, *, at: datetime, store: Store
) -> Receipt | NoSuchEntry:
    """The receipt of the entry with that index or id, under the newest checkpoint.

    Raises ExportError where the entry is not sealed yet, or the log has lost what proves it.
    """
    with store.begin(at=at) as tx:
        log = StoredLog(tx)
        size = log.head().n
        index = int(named) if named.isascii() and named.isdigit() else index_of_entry(tx, named)
        made = (
            NoSuchEntry()
            if index is None or index >= size
            else make_receipt(log, index, latest_checkpoint(tx))
        )
        given = isinstance(made, Receipt)
        event = Event(
            id=new_id(at),
            op="receipt.given" if given else "receipt.not_found",
            res="allow" if given else "deny",
            org=INSTALLATION,
            actor={"operator": operator.name},
            object={"entry": index} if given else {},
            detail={},
        )
        tx.record(event, sealer=operator.sealer)
    return made
