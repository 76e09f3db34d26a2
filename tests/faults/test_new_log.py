"""`sluss new-log`: after a restored backup the log goes on by a new name, and says what is lost."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.config import load as load_config
from app.domain.ids import INSTALLATION
from app.flows.install import no_second_opinion
from app.flows.open_details import opened_only
from app.flows.trail_rows import signed_checkpoint
from app.main import open_house
from app.records.audit_log import StoredLog, details_at
from app.records.audit_view import entries_of_organisation
from app.records.store import Store
from audit.__main__ import main as audit_main
from audit.export import write_export
from tests.faults.installed import CONFIG, run
from tests.faults.installed import folder as folder

CONTROLLER = ["--controller", "Kommunen"]
NEW = "sluss.example.se/log2"


def act(folder: Path, times: int) -> None:
    house = open_house(load_config(folder / "config.toml"))
    for _ in range(times):
        no_second_opinion(house.operator("tester"), at=datetime.now(UTC), store=house.store)
    house.close()


def begin(folder: Path, *more: str, name: str = NEW) -> int:
    given = ["--name", name, "--into", str(folder / "signer2")]
    return run(folder, "new-log", *given, "--because", "Disken gick sönder, KS § 7", *more)


@pytest.fixture
def restored(folder: Path) -> Path:
    """A signed log whose database was put back to what it was before the last three entries."""
    act(folder, 1)
    assert run(folder, "seal") == 0
    shutil.copy(folder / "sluss.db", folder / "backup.db")
    act(folder, 3)
    assert run(folder, "seal") == 0
    export(folder, "before")
    shutil.copy(folder / "backup.db", folder / "sluss.db")
    return folder


def export(folder: Path, name: str) -> Path:
    house = open_house(load_config(folder / "config.toml"))
    ring = house.rings.current(INSTALLATION)

    def opener(row):  # type: ignore[no-untyped-def]
        return opened_only({row.field: row}, ring, {}).get(row.field, "withheld")

    with house.store.look(at=datetime.now(UTC)) as tx:
        write_export(StoredLog(tx), folder / name, opener=opener, keys=house.log_keys)
    house.close()
    return folder / name


def move(folder: Path) -> None:
    config = CONFIG.replace("example.se/log", "example.se/log2").replace("signer/", "signer2/")
    (folder / "config.toml").write_text(config.replace("outside.jsonl", "outside2.jsonl"))
    (folder / "outside2.jsonl").touch()


def test_the_first_entry_of_the_new_name_says_how_far_the_old_one_had_come(restored: Path) -> None:
    assert run(restored, "seal") == 1
    assert begin(restored) == 0
    move(restored)
    house = open_house(load_config(restored / "config.toml"))
    with house.store.look(at=datetime.now(UTC)) as tx:
        newest = entries_of_organisation(tx, INSTALLATION)
        [entry] = [one for one in newest if one.op == "log.begun_anew"]
        rows = details_at(tx, [entry.n])[entry.n]
        size = StoredLog(tx).head().n
    told = opened_only(rows, house.rings.current(INSTALLATION), {})
    house.close()
    detail = told["detail"].value()
    assert detail["before"] == "sluss.example.se/log"
    assert (detail["size"], detail["left"]) == (entry.n + 3, entry.n)
    assert detail["left_at_least"] == entry.n
    assert (detail["refused"], detail["because"]) == ("log-shrank", "Disken gick sönder, KS § 7")
    assert told["object"].value() == {"log": NEW}
    assert told["actor"].value()["operator"]
    assert size > entry.n + 1, "its keys are told after it"


def test_both_logs_verify_each_by_its_own_keys_and_the_loss_is_seen_by_who_has_both(
    restored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert begin(restored) == 0
    old, new = (str(restored / name / "signer.key.pub") for name in ("signer", "signer2"))
    move(restored)
    act(restored, 1)
    assert run(restored, "seal") == 0
    after = str(export(restored, "after"))
    quiet = ("--quiet", "--unvouched")
    assert audit_main(["verify", str(restored / "before"), "--key", old, *quiet]) == 0
    assert audit_main(["verify", after, "--key", new, *quiet]) == 0
    capsys.readouterr()
    given = ["verify", after, "--key", new, "--key", old, *quiet]
    assert audit_main([*given, "--outside", str(restored / "outside.jsonl")]) == 1
    house = open_house(load_config(restored / "config.toml"))
    with house.store.look(at=datetime.now(UTC)) as tx:
        assert signed_checkpoint(tx, house.log_keys), "the pages know the new keys"
    house.close()


def test_nothing_is_begun_while_the_old_log_can_be_signed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    act(folder, 1)
    assert begin(folder) == 1
    assert "the old log goes on by itself" in capsys.readouterr().out
    assert not (folder / "signer2").exists()
    (folder / "outside.jsonl").unlink()
    assert begin(folder) == 1, "a file that is not reached is no reason"


def test_it_needs_another_name_and_a_new_folder(restored: Path) -> None:
    assert begin(restored, name="sluss.example.se/log") == 2
    assert begin(restored, name="two words") == 1
    (restored / "signer2").mkdir()
    assert begin(restored) == 1
    (restored / "signer2").rmdir()
    assert begin(restored) == 0


def test_without_the_signers_memory_the_file_outside_or_a_kept_one_is_asked(
    restored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (restored / "signer/signer.state").unlink()
    (restored / "outside.jsonl").rename(restored / "kept.jsonl")
    assert begin(restored) == 1
    assert "no checkpoint of the old log is known" in capsys.readouterr().out
    assert begin(restored, "--last", str(restored / "nowhere")) == 1
    assert begin(restored, "--last", str(restored / "kept.jsonl")) == 0


def test_nothing_is_added_to_a_log_that_has_lost_entries_before_it_has_been_compared(
    restored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    size = entries(restored)
    organisation = ["--id", "soc", "--name", "Soc", "--kind", "SOC", "--authority", "Nämnden"]
    for command in (["purge"], ["list-staff"], ["add-organisation", *organisation, *CONTROLLER]):
        assert run(restored, *command) == 1
        told = capsys.readouterr().err
        assert f"the log has {size} entries, but {size + 3} were signed" in told
        assert "sluss new-log" in told
    assert entries(restored) == size
    assert run(restored, "seal") == 1
    assert "log-shrank" in capsys.readouterr().err
    assert begin(restored) == 0
    assert f"had come to {size + 3} entries, of which {size} are left" in capsys.readouterr().out
    assert run(restored, "purge") == 1, "the old name still stands under [signer]"
    move(restored)
    assert run(restored, "purge") == 0


@pytest.mark.parametrize("remembered", ["signer/signer.state", "outside.jsonl"])
def test_either_memory_is_enough_and_without_both_nothing_is_known(
    restored: Path, remembered: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = {"signer/signer.state", "outside.jsonl"} - {remembered}
    (restored / other.pop()).unlink()
    assert run(restored, "purge") == 1
    (restored / remembered).unlink()
    assert run(restored, "purge") == 0
    assert "Nothing would be erased" in capsys.readouterr().out


def test_a_backup_that_lost_nothing_that_was_signed_goes_on_by_itself(folder: Path) -> None:
    act(folder, 2)
    assert run(folder, "seal") == 0
    shutil.copy(folder / "sluss.db", folder / "backup.db")
    act(folder, 1)
    shutil.copy(folder / "backup.db", folder / "sluss.db")
    assert run(folder, "purge") == 0
    assert run(folder, "seal") == 0


def test_what_was_added_on_the_copy_is_not_counted_as_left(
    restored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the checkpoints kept outside, although the log has as many entries as were signed."""
    size = entries(restored)
    (restored / "away").mkdir()
    for name in ("signer/signer.state", "outside.jsonl"):
        (restored / name).rename(restored / "away" / name.split("/")[-1])
    act(restored, 5)
    for name in ("signer/signer.state", "outside.jsonl"):
        (restored / "away" / name.split("/")[-1]).rename(restored / name)
    assert run(restored, "seal") == 1
    assert "log-forked" in capsys.readouterr().err
    assert begin(restored) == 0
    told = capsys.readouterr().out
    assert f"had come to {size + 3} entries, of which {size} to {size + 2} are left" in told


def entries(folder: Path) -> int:
    store = Store.open(load_config(folder / "config.toml").storage.database)
    with store.look(at=datetime.now(UTC)) as tx:
        size = StoredLog(tx).head().n
    store.close()
    return size
