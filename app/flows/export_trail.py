"""Export the trail of one case so that anyone can check it without the service.

The order is an entry of its own, written and sealed first, so that the export holds the fact that
it was made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.domain.actor import Actor
from app.flows.find_case import OpenCase, open_case
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.open_details import open_detail
from app.keys import Rings
from app.records.audit_log import StoredLog
from app.records.case import case_of_organisation
from app.records.store import Store
from app.records.timestamp import timestamps_upto
from audit.canonical import Json
from audit.entry import OpenedDetail
from audit.export import Exported, Unopened, write_export
from audit.key_list import LogKeys
from audit.log import DetailRow
from policies import Law
from policies.roles import can


@dataclass(frozen=True, kw_only=True)
class ExportOrder:
    """What to export, for whom and why."""

    case_id: str
    folder: Path
    """A folder that does not exist yet."""
    recipient: str
    purpose: str


def export_trail(
    order: ExportOrder,
    actor: Actor,
    *,
    seal: Callable[[], None],
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
    log_keys: LogKeys,
) -> Exported | NotFound:
    """Write the export into `order.folder`. `seal` has the log signed up to now, or raises.

    Raises ExportError when the folder cannot be written; the order's entry stands all the same.
    """
    opened = _order(order, actor, at=at, store=store, rings=rings, law=law)
    if isinstance(opened, NotFound):
        return opened
    seal()
    with store.look(at=at) as tx:
        return write_export(
            StoredLog(tx),
            order.folder,
            opener=lambda row: _open(row, opened),
            keys=log_keys,
            kind="case",
            of=order.case_id,
            stamps=timestamps_upto(tx, StoredLog(tx).head().n),
        )


def _order(
    order: ExportOrder, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> OpenCase | NotFound:
    """The case, once the log says that its trail was ordered, by whom, for whom and why."""
    may = any(can(law, role, "export_audit") for role in actor.roles)
    with store.begin(at=at) as tx:
        found = (
            case_of_organisation(tx, order.case_id, organisation_id=actor.organisation_id)
            if may
            else None
        )
        if found is None:
            about: dict[str, Json] = {"asked_case": order.case_id}
            op = "trail.export_not_found"
            return tell_not_found(tx, op, actor, at=at, rings=rings, about=about)
        opened = open_case(found, rings)
        detail: dict[str, Json] = {"recipient": order.recipient, "purpose": order.purpose}
        tx.record(
            happened("trail.exported", "allow", actor, at=at, case=order.case_id, detail=detail),
            sealer=opened.sealer,
        )
        return opened


def _open(row: DetailRow, opened: OpenCase) -> OpenedDetail | Unopened:
    """The exporter sees what belongs to the case, and nothing of another's."""
    return open_detail(row, opened.ring, {opened.key.key_id: opened.key})
