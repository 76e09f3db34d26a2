"""A disk that is full or broken at any one call: refused whole, or done whole, and never signed
twice. The log's file, the signer's memory, the checkpoints outside, and an export.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.bench.faults.findings import Findings
from app.bench.faults.writers import write_one
from app.flows.seal_log import seal_log
from app.records.audit_log import StoredLog
from app.records.errors import StoreFault
from app.records.migrations.upgrade import upgrade
from app.records.store import Store
from audit.checkpoint import open_checkpoint
from audit.entry import OpenedDetail, read_sealed_form
from audit.errors import ExportError, KeyFileError
from audit.export import write_export
from audit.key_list import LogKeys
from audit.log import DetailRow, stored_nodes
from audit.merkle import root_at
from audit.outside import OutsideFile, read_notes
from audit.signer import Refused, Signed, SignerState
from audit.signer_keys import (
    SignerFiles,
    complete_signer_keys,
    create_signer_keys,
    read_key_list,
    retire_signer_keys,
    rotate_signer_keys,
)
from audit.verify import verify_export
from tests.crashes.injecting import FAULTS, KILLED, each_point

pytestmark = pytest.mark.strace
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = f"sqlite:///{tmp_path}/sluss.db"
    upgrade(made)
    _write(made, 5)
    return made


def _opened(url: str) -> Store:
    """The database as the service has it open: what opening writes has been written."""
    store = Store.open(url)
    with store.look(at=AT) as tx:
        StoredLog(tx).head()
    return store


def _open(row: DetailRow) -> OpenedDetail:
    return read_sealed_form(row.body)


def _write(url: str, count: int) -> None:
    store = Store.open(url)
    for _ in range(count):
        write_one(store)
    store.close()


@pytest.fixture
def signer(tmp_path: Path) -> tuple[SignerFiles, LogKeys]:
    folder = tmp_path / "signer"
    folder.mkdir()
    keys = create_signer_keys(folder / "key", folder / "state", name="test.example/log", at=AT)
    outside = OutsideFile(tmp_path / "outside.jsonl")
    outside.path.touch()
    return SignerFiles(folder / "key", SignerState(folder / "state"), outside), keys


@pytest.mark.parametrize("fault", [one for one in FAULTS if "name" not in one])
def test_an_act_is_refused_or_kept_whole(fault: str, url: str, tmp_path: Path) -> None:
    def prepare() -> Callable[[], str]:
        store = _opened(url)

        def act() -> str:
            try:
                return f"kept {write_one(store)}"
            except StoreFault:
                return "refused"

        return act

    acknowledged, refused, findings = set[str](), 0, Findings()
    for outcome in each_point(fault, prepare, tmp_path):
        if outcome.said.startswith("kept "):
            acknowledged.add(outcome.said.removeprefix("kept "))
        else:
            assert outcome.said == "refused", outcome
            refused += 1
        findings.crashes = outcome.point
        store = Store.open(url)
        findings.look(store, acknowledged)
        store.close()
        assert findings.wrong == [], outcome
    assert refused > 0, "no call could be made to fail"
    _write(url, 1)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_signer_never_gives_out_what_contradicts_what_it_gave_out(
    fault: str, url: str, signer: tuple[SignerFiles, LogKeys], tmp_path: Path
) -> None:
    files, keys = signer

    def prepare() -> Callable[[], str]:
        store = _opened(url)

        def act() -> str:
            outcome = seal_log(files, at=AT, store=store)
            return "signed" if isinstance(outcome, Signed) else f"refused {outcome.reason}"

        return act

    points = 0
    for outcome in each_point(fault, prepare, tmp_path):
        points += 1
        assert outcome.said.startswith(("signed", "refused", "fault app.records.errors.")), outcome
        _write(url, 1)
        store = Store.open(url)
        again = seal_log(files, at=AT, store=store)
        assert not isinstance(again, Refused), (outcome, again)
        _one_history(store, files, keys)
        store.close()
    assert points > 0, "no call could be made to fail"


def _one_history(store: Store, files: SignerFiles, keys: LogKeys) -> None:
    """Every checkpoint that anybody has seen is one of the same log."""
    assert files.outside is not None
    seen = {}
    with store.look(at=AT) as tx:
        nodes = stored_nodes(StoredLog(tx))
        kept = [row.note for row in StoredLog(tx).checkpoints()]
        for note in (*kept, *read_notes(files.outside.path.read_bytes())):
            checkpoint = open_checkpoint(note, [one.key for one in keys])
            assert seen.setdefault(checkpoint.size, checkpoint.root) == checkpoint.root
            assert root_at(checkpoint.size, nodes) == checkpoint.root
    assert len(seen) > 0


@pytest.mark.parametrize("fault", FAULTS)
def test_an_export_is_told_as_written_only_if_it_verifies(
    fault: str, url: str, signer: tuple[SignerFiles, LogKeys], tmp_path: Path
) -> None:
    files, keys = signer
    store = Store.open(url)
    assert isinstance(seal_log(files, at=AT, store=store), Signed)
    store.close()
    folder = tmp_path / "export"

    def prepare() -> Callable[[], str]:
        store = _opened(url)

        def act() -> str:
            with store.look(at=AT) as tx:
                try:
                    write_export(StoredLog(tx), folder, opener=_open, keys=keys)
                except (ExportError, OSError):
                    return "refused"
                return "written"

        return act

    said = set()
    for outcome in each_point(fault, prepare, tmp_path):
        assert outcome.said in ("refused", "written"), outcome
        if outcome.said == "written":
            assert verify_export(folder, keys).verified, outcome
        said.add(outcome.said)
        shutil.rmtree(folder, ignore_errors=True)
    assert "refused" in said, "no call could be made to fail"


@pytest.mark.parametrize("fault", [*FAULTS, KILLED])
def test_a_rotation_of_the_logs_keys_that_breaks_off_is_finished_or_never_was(
    fault: str, url: str, signer: tuple[SignerFiles, LogKeys], tmp_path: Path
) -> None:
    files, _ = signer
    store = Store.open(url)
    assert isinstance(seal_log(files, at=AT, store=store), Signed)

    def prepare() -> Callable[[], str]:
        def act() -> str:
            rotate_signer_keys(files.key, files.state)
            return "rotated"

        return act

    points = 0
    for outcome in each_point(fault, prepare, tmp_path):
        points += 1
        # Whoever signs next must be believed by whoever has the public list, at every instant.
        write_one(store)
        assert isinstance(seal_log(files, at=AT, store=store), Signed), outcome
        listed = read_key_list(files.key)
        _one_history(store, files, listed)
        # As when the signer's process next starts.
        complete_signer_keys(files.key, files.state)
        with suppress(KeyFileError):  # it had happened, and has only to be ended
            rotate_signer_keys(files.key, files.state)
        write_one(store)
        assert isinstance(seal_log(files, at=AT, store=store), Signed), outcome
        retire_signer_keys(files.key, files.state)
        write_one(store)
        assert isinstance(seal_log(files, at=AT, store=store), Signed), outcome
        _one_history(store, files, read_key_list(files.key))
    store.close()
    assert points > 0, "no call could be made to fail"
