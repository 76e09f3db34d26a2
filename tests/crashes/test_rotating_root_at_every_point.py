"""Killed, or failed by its disk, at any one call: rotating the root key is gone on with."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.config import load as load_config
from app.domain.ids import INSTALLATION
from app.keys import RootKey
from app.main import open_house, root_files
from app.records.audit_view import entries_of_organisation
from tests.crashes.injecting import FAULTS, KILLS_AT_A_CHANGE, each_point
from tests.faults.installed import folder as folder
from tests.faults.installed import run

pytestmark = pytest.mark.strace


@pytest.mark.parametrize("faults", [(fault,) for fault in FAULTS] + [KILLS_AT_A_CHANGE])
def test_run_again_it_ends_with_every_ring_under_one_key_and_one_entry(
    faults: tuple[str, ...], folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    kept, traced = tmp_path_factory.mktemp("kept"), tmp_path_factory.mktemp("traced")
    shutil.copytree(folder, kept, dirs_exist_ok=True)
    files = root_files(load_config(folder / "config.toml"))
    old = files.now.read_bytes()

    def prepare() -> Callable[[], str]:
        shutil.rmtree(folder)
        shutil.copytree(kept, folder)
        return lambda: str(run(folder, "rotate-root"))

    states = set()
    for outcome in (one for fault in faults for one in each_point(fault, prepare, traced)):
        states.add((files.next.exists(), files.before.exists()))
        if not files.before.exists() or files.next.exists():
            assert run(folder, "rotate-root") == 0, outcome
        assert files.before.read_bytes() == old
        assert not files.next.exists()
        assert _renewals(folder) == 1, outcome
        assert RootKey.load(files.now, "production").key_id == _root_of_rings(folder)
    assert states, "no call could be made to fail"
    if faults == KILLS_AT_A_CHANGE:
        everywhere = {(False, False), (True, False), (True, True), (False, True)}
        assert states == everywhere, "before, in the middle and after"


def _renewals(folder: Path) -> int:
    house = open_house(load_config(folder / "config.toml"))
    try:
        with house.store.look(at=datetime.now(UTC)) as tx:
            ops = [one.op for one in entries_of_organisation(tx, INSTALLATION)]
        return ops.count("root.renewed")
    finally:
        house.close()


def _root_of_rings(folder: Path) -> str:
    house = open_house(load_config(folder / "config.toml"))
    try:
        return house.keyring.root_key_id
    finally:
        house.close()
