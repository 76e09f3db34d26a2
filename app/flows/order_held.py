"""An ordered export, held against the entry that released it.

Which entries an export is to hold stands in a row that whoever has the database's password can
write. An export of fewer would verify as whole, so nothing is gathered, written or finished but
what the entry says was released, by whom, for whom and why.
"""

from __future__ import annotations

from app.domain.export_terms import ExportJob, ExportTerms
from app.flows.export_opener import ExportOpener
from app.flows.export_withholding import Withholding
from app.flows.rows_held import RowsDiffer, hold_release, said_by
from app.keys import Rings
from app.records.transaction import Transaction
from audit.canonical import Json

_NOTHING_LEFT_OUT = Withholding(staff=frozenset(), staff_named=True, reasons_shown=True)


def decided_detail(
    terms: ExportTerms, case_id: str | None, span: tuple[int, int]
) -> dict[str, Json]:
    """What the entry of a decision says of the order: all that its making rests on."""
    return {**terms.told(), "of": case_id or "", "start": span[0], "stop": span[1]}


def hold_order(tx: Transaction, job: ExportJob, entry_id: str | None, rings: Rings) -> None:
    """Raises RowsDiffer unless the entry with this id released the job as it stands."""
    opener = ExportOpener(tx, rings, rings.current(job.organisation_id), _NOTHING_LEFT_OUT)
    said = said_by(tx, opener, [entry_id or ""]).get(entry_id or "")
    if said is None:
        raise RowsDiffer(None)
    hold_release(job, decided_detail(job.terms, job.case_id, (job.start, job.stop)), said)
