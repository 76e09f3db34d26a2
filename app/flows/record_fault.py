"""Tell the log that a request failed, in a transaction of its own after the act's was undone."""

from __future__ import annotations

from datetime import datetime

from app.domain.ids import INSTALLATION, new_id
from app.keys import Rings, event_sealer
from app.records.store import Store
from audit.entry import Event


def record_fault(
    fault_id: str,
    kind: str,
    route: str,
    *,
    organisation_id: str | None,
    staff_id: str | None,
    at: datetime,
    store: Store,
    rings: Rings,
) -> None:
    """One entry: the fault's id, kind and route. Raises StoreFault if it cannot be written."""
    org = organisation_id or INSTALLATION
    with store.begin(at=at) as tx:
        tx.record(
            Event(
                id=new_id(at),
                op="request.failed",
                res="error",
                org=org,
                actor={"staff": staff_id} if staff_id else {},
                object={"fault": fault_id},
                detail={"kind": kind, "route": route},
            ),
            sealer=event_sealer(rings.current(org), None),
        )
