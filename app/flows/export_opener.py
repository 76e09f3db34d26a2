"""Opens the details that an export's recipient may see, and no others."""

from __future__ import annotations

from collections.abc import Mapping

from app.flows.open_details import open_detail
from app.flows.sealing import open_case_key
from app.keys import CaseKey, Ring, Rings, case_of_key_id
from app.records.export_rows import cases_by_id
from app.records.transaction import Transaction
from audit.entry import Field, OpenedDetail
from audit.errors import AuditFault
from audit.export import Unopened
from audit.log import DetailRow


class ExportOpener:
    """For one organisation, within one transaction. Case keys are opened as they are met."""

    def __init__(self, tx: Transaction, rings: Rings, ring: Ring, *, staff_named: bool) -> None:
        self._tx, self._rings, self._ring = tx, rings, ring
        self._staff_named = staff_named
        self._keys: dict[str, CaseKey] = {}
        self._cases: dict[str, CaseKey] = {}
        self._foreign: set[str] = set()

    def __call__(self, row: DetailRow) -> OpenedDetail | Unopened:
        """One detail as the export gives it."""
        if row.field == "actor" and not self._staff_named:
            return "withheld"
        return self.open(row)

    def open(self, row: DetailRow) -> OpenedDetail | Unopened:
        """One detail for the tables, which name no one that may not be named."""
        self.case_key(case_of_key_id(row.key_id))
        return open_detail(row, self._ring, self._keys)

    def values(self, rows: Mapping[Field, DetailRow]) -> dict[Field, Mapping[str, object]]:
        """Those of an entry's details that open, as values."""
        found: dict[Field, Mapping[str, object]] = {}
        for name, row in rows.items():
            opened = self.open(row)
            if isinstance(opened, OpenedDetail):
                try:
                    found[name] = opened.value()
                except AuditFault:
                    continue
        return found

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
