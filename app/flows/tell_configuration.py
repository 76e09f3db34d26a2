"""Tell the log with which settings the service starts, whenever they have changed.

The configuration is a file that nobody's act changes, so the first start with a new one tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.domain.ids import INSTALLATION, new_id
from app.flows.install import Operator
from app.flows.open_details import opened_only
from app.records.audit_log import details_at
from app.records.audit_view import EntryFilter, entries_found
from app.records.store import Store
from app.records.transaction import Transaction
from audit.canonical import Json
from audit.entry import Event


def tell_configuration(
    settings: Mapping[str, str], operator: Operator, *, at: datetime, store: Store
) -> tuple[str, ...]:
    """The names of the settings that are not as they last were; empty if nothing was told.

    `settings` hold no secret: they stand in the entry, sealed with the installation's key.
    """
    with store.begin(at=at) as tx:
        before = _told_last(tx, operator)
        names = sorted(settings.keys() | before.keys())
        changed = tuple(name for name in names if settings.get(name) != before.get(name))
        if changed:
            event = Event(
                id=new_id(at),
                op="installation.configured",
                res="allow",
                org=INSTALLATION,
                actor={"operator": operator.name},
                object={},
                detail={"changed": ", ".join(changed), "settings": dict(settings)},
            )
            tx.record(event, sealer=operator.sealer)
    return changed


def _told_last(tx: Transaction, operator: Operator) -> Mapping[str, Json]:
    """The settings of the newest such entry. One that does not open tells nothing: tell anew."""
    newest = entries_found(tx, INSTALLATION, EntryFilter(ops=("installation.configured",)), most=1)
    if not newest:
        return {}
    rows = details_at(tx, [newest[0].n]).get(newest[0].n, {})
    detail = opened_only(rows, operator.ring, {}).get("detail")
    told = detail.value().get("settings") if detail else None
    return told if isinstance(told, Mapping) else {}
