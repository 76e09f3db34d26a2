"""`sluss receipt` gives out the proof of one entry, and tells the log that it did."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.ids import INSTALLATION
from app.flows.give_receipt import NoSuchEntry, give_receipt
from app.flows.install import Operator
from app.flows.seal_log import seal_log
from app.records.audit_view import entries_of_organisation
from audit.errors import ExportError
from audit.receipt import Receipt, ReceiptHolds, check_receipt
from audit.signer import Signed, SignerState
from audit.signer_keys import SignerFiles, create_signer_keys
from tests.flows.town import Town


@pytest.fixture
def operator(town: Town) -> Operator:
    return Operator(name="ops", ring=town.rings.current(INSTALLATION))


def test_a_receipt_is_given_by_index_or_id_once_sealed(
    town: Town, operator: Operator, tmp_path: Path
) -> None:
    files = SignerFiles(tmp_path / "key", SignerState(tmp_path / "state"))
    keys = create_signer_keys(files.key, files.state.path, name="test/log", at=town.at)
    town.case()
    entry = town.entries()[-1]
    with pytest.raises(ExportError, match="not sealed yet"):
        give_receipt(entry.id, operator, at=town.at, store=town.store)
    assert isinstance(seal_log(files, at=town.at, store=town.store), Signed)
    for named in (entry.id, str(entry.n)):
        made = give_receipt(named, operator, at=town.at, store=town.store)
        assert isinstance(made, Receipt)
        checked = check_receipt(made, keys)
        assert isinstance(checked, ReceiptHolds)
        assert (checked.entry.id, len(checked.signed_by)) == (entry.id, 2)
    for named in (
        "01a207a2-3280-7857-b26f-3f1915f85abb",
        "999999",
        "99999999999999999999999",
        "-1",
    ):
        assert give_receipt(named, operator, at=town.at, store=town.store) == NoSuchEntry()
    with town.store.look(at=town.at) as tx:
        ops = [entry.op for entry in entries_of_organisation(tx, INSTALLATION)]
    assert (ops.count("receipt.given"), ops.count("receipt.not_found")) == (2, 4)
