"""`sluss rotate-keys`: an overlap, the log told, and a service that runs on meanwhile."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.config import load as load_config
from app.domain.ids import INSTALLATION
from app.flows.install import no_second_opinion
from app.flows.trail_rows import signed_checkpoint
from app.main import House, open_house
from app.records.audit_log import StoredLog
from app.records.audit_view import entries_of_organisation
from app.signer_files import public_key_file
from audit.__main__ import main as audit_main
from audit.export import write_export
from tests.faults.installed import folder as folder
from tests.faults.installed import run


def act(house: House) -> None:
    no_second_opinion(house.operator("tester"), at=datetime.now(UTC), store=house.store)


def sealed(house: House) -> int:
    with house.store.look(at=datetime.now(UTC)) as tx:
        found = signed_checkpoint(tx, house.log_keys)
        assert found is not None, "the pages know the keys"
        return found.size


def test_the_keys_are_replaced_while_the_service_runs(folder: Path) -> None:
    assert run(folder, "seal") == 0
    house = open_house(load_config(folder / "config.toml"))
    try:
        before = public_key_file(house.config).read_text()
        assert run(folder, "rotate-keys") == 0
        assert run(folder, "rotate-keys") == 1, "one is under way"
        assert run(folder, "rotate-keys", "--retire") == 1, "nothing has been signed with the new"
        assert run(folder, "seal") == 0
        overlap = sealed(house)
        assert run(folder, "rotate-keys", "--retire") == 0
        act(house)
        assert run(folder, "seal") == 0
        assert sealed(house) > overlap
        with house.store.look(at=datetime.now(UTC)) as tx:
            ops = [one.op for one in entries_of_organisation(tx, INSTALLATION)]
            write_export(
                StoredLog(tx), folder / "e", opener=lambda _: "withheld", keys=house.log_keys
            )
        assert ops.count("log.keys_changed") == 3
        (folder / "old.vkey").write_text(before)
        given = ["verify", str(folder / "e"), "--quiet", "--unvouched"]
        given += ["--outside", str(folder / "outside.jsonl")]
        assert audit_main([*given, "--key", str(public_key_file(house.config))]) == 0
        assert audit_main([*given, "--key", str(folder / "old.vkey")]) == 1
    finally:
        house.close()


def test_what_is_kept_outside_shows_a_rollback_also_just_after_a_rotation(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = open_house(load_config(folder / "config.toml"))
    house.close()
    assert run(folder, "seal") == 0
    for name in ("sluss.db", "signer"):
        kept = folder / "kept" / name
        kept.parent.mkdir(exist_ok=True)
        (shutil.copytree if (folder / name).is_dir() else shutil.copy)(folder / name, kept)
    house = open_house(load_config(folder / "config.toml"))
    act(house)
    house.close()
    assert run(folder, "seal") == 0
    shutil.copy(folder / "kept" / "sluss.db", folder / "sluss.db")
    shutil.rmtree(folder / "signer")
    shutil.copytree(folder / "kept" / "signer", folder / "signer")
    assert run(folder, "rotate-keys") == 0
    capsys.readouterr()
    assert run(folder, "seal") == 1
    assert "outside-ahead" in capsys.readouterr().err


def test_a_list_that_is_gone_leaves_the_service_the_last_one(folder: Path) -> None:
    house = open_house(load_config(folder / "config.toml"))
    try:
        known = list(house.log_keys)
        public_key_file(house.config).unlink()
        assert list(house.log_keys) == known
        public_key_file(house.config).write_text(known[0].text() + "\n")
        assert list(house.log_keys) == known[:1]
    finally:
        house.close()


def test_an_organisations_ring_is_renewed_from_the_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "rotate-keys", "--organisation", "soc") == 1
    assert "there is no organisation soc" in capsys.readouterr().err
    made = ["--id", "soc", "--name", "Soc", "--kind", "SOC", "--authority", "a"]
    assert run(folder, "add-organisation", *made, "--controller", "a") == 0
    assert run(folder, "rotate-keys", "--organisation", "soc") == 0
    said = capsys.readouterr().out
    assert "soc has version 2 of its ring" in said
    assert "0 rows were sealed anew" in said
    assert "nothing is left under the older versions" in said
    destroy = ("rotate-keys", "--organisation", "soc", "--destroy")
    assert run(folder, *destroy) == 1
    assert "not signed yet" in capsys.readouterr().err
    assert run(folder, "seal") == 0
    assert run(folder, *destroy) == 0
    assert "destroyed of soc: version 1" in capsys.readouterr().out
    assert run(folder, "rotate-keys", "--destroy") == 2


def test_what_went_well_is_told_apart_from_what_did_not_and_nothing_new_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "seal") == 0
    signed = capsys.readouterr()
    assert signed.out.startswith("signed ")
    assert signed.err == ""
    size = signed.out.split()[1]
    assert run(folder, "seal") == 0
    assert capsys.readouterr().out == f"nothing is new since {size} entries were signed\n"
    assert run(folder, "checkpoint", "--seal") == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("sluss.example.se/log\n"), "the checkpoint alone"
    assert "nothing is new" in printed.err
