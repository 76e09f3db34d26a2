"""Tell the log which public keys it is checked with, whenever they have changed.

The signer makes and replaces its own keys and cannot write in the log; whoever next opens the house
with the new list does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from app.domain.ids import INSTALLATION, new_id
from app.flows.install import Operator
from app.records.log_key import ToldKey, put_told_key, told_keys
from app.records.store import Store
from audit.canonical import Json
from audit.entry import Event
from audit.key_list import KnownKey


def tell_log_keys(
    listed: Sequence[KnownKey], operator: Operator, *, at: datetime, store: Store
) -> bool:
    """Whether there was anything to tell. Two starts at once tell one after the other, once."""
    with store.look(at=at) as tx:
        if not _changed(listed, told_keys(tx)):
            return False
    with store.begin(at=at) as tx:
        changed = _changed(listed, told_keys(tx))
        if not changed:
            return False  # another start has told of it in between
        event = Event(
            id=new_id(at),
            op="log.keys_changed",
            res="allow",
            org=INSTALLATION,
            actor={"operator": operator.name},
            object={"log": listed[0].key.name if listed else ""},
            detail={"keys": [_in_words(item) for item in listed]},
        )
        for told in changed:
            put_told_key(tx, told, entry_id=event.id)
        tx.record(event, sealer=operator.sealer)
    return True


def _changed(listed: Sequence[KnownKey], before: dict[str, ToldKey]) -> list[ToldKey]:
    now = [
        ToldKey(
            sha256=hashlib.sha256(item.key.text().encode()).hexdigest(),
            vkey=item.key.text(),
            first=item.first,
            last=item.last,
        )
        for item in listed
    ]
    return [told for told in now if before.get(told.sha256) != told]


def _in_words(item: KnownKey) -> Json:
    """Name, id and sizes; the key itself is in the table and in every export."""
    last = "" if item.last is None else str(item.last)
    return f"{item.key.name}+{item.key.id.hex()} {item.first}-{last}"
