"""What waits to be fetched holds nothing that has been erased since: it is written anew.

Called in the transaction that erases, so that no export is handed out with what is gone. A file
that somebody has fetched already is out of reach; the page says so.
Law: arkivlagen (1990:782) 10 §
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection

from app.domain.ids import new_id
from app.flows.install import Operator
from app.keys import Rings, event_sealer
from app.records.export_job import begin_again, jobs_kept, jobs_on_case
from app.records.transaction import Transaction
from audit.entry import Event


def begin_exports_again(
    tx: Transaction,
    gone: Collection[int],
    operator: Operator,
    rings: Rings,
    *,
    organisation_id: str | None = None,
) -> None:
    """Forget what is kept of every export with one of these entries in its scope."""
    indices = sorted(gone)
    for job in jobs_kept(tx, organisation_id=organisation_id):
        first = bisect_left(indices, job.start)
        if first < len(indices) and indices[first] < job.stop:
            event = _event(tx, "export.begun_again", job.organisation_id, job.id, operator)
            begin_again(tx, job.id, entry_id=event.id)
            tx.record(event, sealer=event_sealer(rings.current(job.organisation_id), None))


def withdraw_exports(
    tx: Transaction, case_id: str, organisation_id: str, operator: Operator, rings: Rings
) -> None:
    """Tell that the exports of one case go with the case. They are deleted with its rows."""
    for job_id in jobs_on_case(tx, case_id):
        event = _event(tx, "export.withdrawn", organisation_id, job_id, operator)
        tx.record(event, sealer=event_sealer(rings.current(organisation_id), None))


def _event(
    tx: Transaction, op: str, organisation_id: str, job_id: str, operator: Operator
) -> Event:
    return Event(
        id=new_id(tx.at),
        op=op,
        res="allow",
        org=organisation_id,
        actor={"operator": operator.name},
        object={"export": job_id},
        detail={},
    )
