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
from audit.checkpoint import VerifierKey
from audit.entry import OpenedDetail
from audit.export import Exported, Unopened, write_export
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
    log_key: VerifierKey,
) -> Exported | NotFound:
    """Write the export into `order.folder`. `seal` has the log signed up to now, or raises.

    Raises ExportError when the folder cannot be written; the order's entry stands all the same.
    """
    with store.begin(at=at) as tx:
        found = (
            case_of_organisation(tx, order.case_id, organisation_id=actor.organisation_id)
            if any(can(law, role, "export_audit") for role in actor.roles)
            else None
        )
        if found is None:
            return tell_not_found(
                tx,
                "trail.export_not_found",
                actor,
                at=at,
                rings=rings,
                about={"asked_case": order.case_id},
            )
        opened = open_case(found, rings)
        tx.record(
            happened(
                "trail.exported",
                "allow",
                actor,
                at=at,
                case=order.case_id,
                detail={"recipient": order.recipient, "purpose": order.purpose},
            ),
            sealer=opened.sealer,
        )
    seal()
    with store.look(at=at) as tx:
        return write_export(
            StoredLog(tx),
            order.folder,
            opener=lambda row: _open(row, opened),
            keys=[log_key],
            kind="case",
            of=order.case_id,
        )


def _open(row: DetailRow, opened: OpenCase) -> OpenedDetail | Unopened:
    """The exporter sees what belongs to the case, and nothing of another's."""
    return open_detail(row, opened.ring, {opened.key.key_id: opened.key})
