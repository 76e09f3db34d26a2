"""Let each case say itself up to which of its entries what was told is gone by age.

Afterwards nothing else shows whose the entries were. So an export of one case can show that nothing
which remains of it was left out.
"""

from __future__ import annotations

from app.domain.ids import new_id
from app.flows.find_case import open_case
from app.flows.install import Operator
from app.keys import Rings
from app.records.export_rows import cases_by_id
from app.records.retention import cases_losing
from app.records.transaction import Transaction
from audit.entry import Event
from audit.pruning import gone_detail


def tell_cases_gone(
    tx: Transaction, start: int, stop: int, basis: str, operator: Operator, rings: Rings
) -> None:
    """Before what is from `start` up to `stop` goes, in the same transaction.

    A case that has been erased has no key left to say anything with, and nobody exports it.
    """
    for organisation_id, counters in cases_losing(tx, start, stop).items():
        found = cases_by_id(tx, organisation_id=organisation_id, case_ids=sorted(counters))
        for case_id, case in found.items():
            event = Event(
                id=new_id(tx.at),
                op="case.entries_gone",
                res="allow",
                org=organisation_id,
                actor={"operator": operator.name},
                object={},
                detail={**gone_detail(counters[case_id]), "basis": basis},
                case=case_id,
            )
            tx.record(event, sealer=open_case(case, rings).sealer)
