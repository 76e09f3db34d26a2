"""Writers killed and a server crashed: a small gate. The whole is `sluss bench --faults`."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.bench.faults import campaign
from app.bench.faults.cluster import NoServer, programs
from app.bench.faults.findings import Findings
from app.bench.faults.writers import write_one
from app.records.migrations.upgrade import upgrade
from app.records.store import Store


def test_nothing_acknowledged_is_lost_when_writers_are_killed() -> None:
    found = campaign.kill_writers(9, seed=20261126)
    assert found.wrong == []
    assert found.crashes == 9
    assert 0 < found.acknowledged <= found.rows == found.entries
    assert found.holds


@pytest.mark.postgres
def test_nothing_acknowledged_is_lost_when_the_server_crashes() -> None:
    assert programs() is not None, "initdb is part of Debian's postgresql"
    found = campaign.crash_server(2, seed=20261126)
    assert found.wrong == []
    assert found.crashes == 2
    assert 0 < found.acknowledged <= found.rows == found.entries


@pytest.fixture
def written(tmp_path: Path) -> tuple[Store, set[str]]:
    url = f"sqlite:///{tmp_path}/sluss.db"
    upgrade(url)
    store = Store.open(url)
    return store, {write_one(store) for _ in range(5)}


LOSSES = {
    "an acknowledged act": (
        "DELETE FROM staff WHERE audit_id = (SELECT id FROM audit_leaf WHERE n = 2)",
        "acknowledged acts are not there",
    ),
    "a row without its entry": (
        "UPDATE staff SET audit_id = 'elsewhere' WHERE rowid = 1",
        "rows have no entry",
    ),
    "an edited entry": (
        "UPDATE audit_leaf SET leaf_hash = zeroblob(32) WHERE n = 3",
        "is not the one that belongs there",
    ),
    "a truncated log": ("DELETE FROM audit_leaf WHERE n = 4", "entries are missing at the end"),
    "an edited node": ("UPDATE audit_node SET hash = zeroblob(32)", "the root at 5 changed"),
    "a detail": ("DELETE FROM audit_detail WHERE n = 1 AND field = 'actor'", "details too many"),
    "a counter": ("UPDATE audit_counter SET k = k + 1", "numbers of the counter"),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_each_kind_of_loss_would_be_found(loss: str, written: tuple[Store, set[str]]) -> None:
    store, acknowledged = written
    whole = Findings(crashes=1)
    whole.look(store, acknowledged)
    assert whole.holds, whole.wrong
    statement, said = LOSSES[loss]
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.rollback()
        raw.execute("PRAGMA foreign_keys=OFF")
        for table in ("audit_leaf", "audit_node"):
            for act in ("update", "delete"):
                raw.execute(f"DROP TRIGGER {table}_no_{act}")
        assert raw.execute(statement).rowcount > 0
        raw.commit()
    found = Findings(crashes=1)
    found.look(store, acknowledged)
    assert any(said in line for line in found.wrong), found.wrong
    assert not found.holds
    store.close()


def test_a_root_that_once_was_and_is_no_longer_would_be_found(
    written: tuple[Store, set[str]],
) -> None:
    store, acknowledged = written
    found = Findings()
    found._roots[3] = bytes(32)
    found.look(store, acknowledged)
    assert found.wrong == ["after crash 0: 1 the root at 3 changed"]
    store.close()


def test_where_there_is_no_postgresql_it_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none_here(*_: object, **__: object) -> Findings:
        raise NoServer("initdb is not installed")

    kept = Findings(crashes=3, acknowledged=1, rows=1, entries=1)
    monkeypatch.setattr(campaign, "kill_writers", lambda *_, **__: kept)
    monkeypatch.setattr(campaign, "crash_server", none_here)
    assert campaign.print_campaign(kills=3, crashes=1, seed=1)
    assert "not tried: initdb is not installed" in capsys.readouterr().out
    kept.wrong.append("after crash 3: 1 rows have no entry")
    assert not campaign.print_campaign(kills=3, crashes=1, seed=1)
    assert "LOST" in capsys.readouterr().out
