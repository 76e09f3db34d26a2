"""Opens the details that an export's recipient may see, and no others."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.export_terms import ExportJob
from app.flows.export_withholding import Withholding
from app.flows.open_details import open_detail
from app.flows.sealing import open_case_key
from app.keys import CaseKey, Ring, Rings, case_of_key_id
from app.records.export_rows import cases_by_id
from app.records.staff import staff_ids
from app.records.transaction import Transaction
from audit.entry import Field, OpenedDetail
from audit.errors import AuditFault
from audit.export import Unopened
from audit.log import DetailRow


class ExportOpener:
    """For one organisation, within one transaction. Case keys are opened as they are met."""

    def __init__(
        self,
        tx: Transaction,
        rings: Rings,
        ring: Ring,
        withholding: Withholding,
        *,
        of_case: bool = False,
        vouching: int | None = None,
    ) -> None:
        self._tx, self._rings, self._ring = tx, rings, ring
        self._withholding, self._of_case, self._vouching = withholding, of_case, vouching
        self._keys: dict[str, CaseKey] = {}
        self._cases: dict[str, CaseKey] = {}
        self._foreign: set[str] = set()

    @classmethod
    def of_job(
        cls,
        tx: Transaction,
        rings: Rings,
        ring: Ring,
        job: ExportJob,
        *,
        vouching: int | None = None,
    ) -> ExportOpener:
        """As the export was ordered."""
        withholding = Withholding(
            staff=staff_ids(tx),
            staff_named=job.terms.staff_named,
            reasons_shown=job.terms.reasons_shown,
        )
        of_case = job.case_id is not None
        return cls(tx, rings, ring, withholding, of_case=of_case, vouching=vouching)

    def __call__(self, row: DetailRow) -> OpenedDetail | Unopened:
        """One detail as the export gives it."""
        if row.field == "actor":
            # Nobody types who acted: an order without reasons hides it no more than one with them.
            return self.open(row) if self._withholding.staff_named else "withheld"
        opened = self.open(row)
        if isinstance(opened, OpenedDetail) and not self._must_show(row):
            try:
                value = opened.value()
            except AuditFault:
                return opened
            if self._withholding.left(value) != value:
                return "withheld"
        return opened

    def _must_show(self, row: DetailRow) -> bool:
        """What the export would not verify without: the number in the case's own count, and for
        whom and why this very export was made."""
        counted = self._of_case and row.field == "object"
        return counted or (row.n == self._vouching and row.field == "detail")

    def open(self, row: DetailRow) -> OpenedDetail | Unopened:
        """One detail for the tables, which name no one that may not be named."""
        self.case_key(case_of_key_id(row.key_id))
        return open_detail(row, self._ring, self._keys)

    def values(self, rows: Mapping[Field, DetailRow]) -> dict[Field, Mapping[str, object]]:
        """Those of an entry's details that open, as values, without what the order leaves out.

        Who acted stays: the tables tell it by role or by name.
        """
        found: dict[Field, Mapping[str, object]] = {}
        for name, row in rows.items():
            opened = self.open(row)
            if isinstance(opened, OpenedDetail):
                try:
                    value = opened.value()
                except AuditFault:
                    continue
                whole = name == "actor" or self._must_show(row)
                found[name] = value if whole else self._withholding.left(value)
        return found

    def withheld(self, rows: Mapping[Field, DetailRow]) -> list[Field]:
        """Those of an entry's details that the export does not show, in order."""
        return [name for name, row in sorted(rows.items()) if self(row) == "withheld"]

    def case_key(self, case_id: str | None) -> CaseKey | None:
        """The key of one of the organisation's own cases, None for any other."""
        if case_id is None or case_id in self._foreign:
            return None
        if case_id in self._cases:
            return self._cases[case_id]
        found = cases_by_id(
            self._tx, organisation_id=self._ring.organisation_id, case_ids=[case_id]
        ).get(case_id)
        if found is None:
            self._foreign.add(case_id)
            return None
        key = open_case_key(self._rings, found.key)
        self._keys[key.key_id] = self._cases[case_id] = key
        return key
