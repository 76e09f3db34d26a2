"""A town whose log is signed and whose operator erases, for the tests of what time runs out for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.ids import INSTALLATION
from app.domain.retention import CasePeriod, Retention
from app.flows.export_opener import ExportOpener
from app.flows.export_withholding import Withholding
from app.flows.install import Operator
from app.flows.open_details import open_detail
from app.flows.purge import Plan, PlanChanged, Purged, PurgeReleased, plan_purge, purge
from app.flows.seal_log import seal_log
from app.records.audit_log import StoredLog
from audit.export import write_export
from audit.key_list import LogKeys
from audit.log import DetailRow, stored_nodes
from audit.merkle import root_at
from audit.report import Report
from audit.signer import Signed, SignerState
from audit.signer_keys import SignerFiles, create_signer_keys
from audit.verify import verify_export
from tests.flows.town import Town

BASIS = "gallringsbeslut SN 2026 § 14"
FIVE = Retention(cases=(CasePeriod(kind="SOC", years=5, basis=BASIS),))


EVERYTHING = Withholding(staff=frozenset(), staff_named=True, reasons_shown=True)


@dataclass
class Archive:
    """A town whose log is signed, and the operator who erases."""

    town: Town
    folder: Path
    keys: LogKeys
    files: SignerFiles

    @property
    def operator(self) -> Operator:
        return Operator(name="arkivarien", ring=self.town.rings.current(INSTALLATION))

    def seal(self) -> None:
        assert isinstance(seal_log(self.files, at=self.town.at, store=self.town.store), Signed)

    def plan(self, retention: Retention = FIVE) -> Plan:
        town = self.town
        return plan_purge(retention, self.operator, at=town.at, store=town.store, rings=town.rings)

    def purge(self, code: str, retention: Retention = FIVE) -> Purged | PlanChanged:
        town = self.town
        released = PurgeReleased(code, "a proposal")
        return purge(
            released, retention, self.operator, at=town.at, store=town.store, rings=town.rings
        )

    def verify(self, **scope: Any) -> Report:
        """What an outsider finds in an export made now, with every key that is left."""
        self.seal()
        folder = self.folder / f"export-{len(list(self.folder.iterdir()))}"
        rings = self.town.rings

        def opened(row: DetailRow) -> Any:
            found: Any = "withheld"
            for organisation in ("soc", "police", "school", INSTALLATION):
                if scope.get("of") in (None, organisation):
                    seen = open_detail(row, rings.current(organisation), {})
                    found = seen if seen != "withheld" else found
            return found

        with self.town.store.look(at=self.town.at) as tx:
            opener: Any = opened
            if scope.get("kind") == "case":
                opener = ExportOpener(tx, rings, rings.current("soc"), EVERYTHING)
            write_export(StoredLog(tx), folder, opener=opener, keys=self.keys, **scope)
        return verify_export(folder, self.keys, unvouched=True)

    def root(self, size: int) -> bytes:
        with self.town.store.look(at=self.town.at) as tx:
            return root_at(size, stored_nodes(StoredLog(tx)))


def an_archive(town: Town, tmp_path: Path) -> Archive:
    """Made of a town, with its signer's files in the folder."""
    folder = tmp_path / "signer"
    folder.mkdir()
    keys = create_signer_keys(folder / "key", folder / "state", name="test.example/log", at=town.at)
    return Archive(town, tmp_path, keys, SignerFiles(folder / "key", SignerState(folder / "state")))
