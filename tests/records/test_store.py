"""Opening, waiting, failing: what the database does to a store, told in the store's own words."""

# ruff: noqa: PT012 -- what fails is the end of the block, so the block is what is looked at.

from __future__ import annotations

import multiprocessing
import queue
import sqlite3
import stat
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import insert, select, text, update

from app.domain.ids import new_id
from app.records.audit_log import audit_leaf
from app.records.errors import (
    StoreBusy,
    StoreFault,
    StoreFull,
    StoreNotReady,
    fault_of,
)
from app.records.migrations.upgrade import upgrade
from app.records.staff import staff
from app.records.store import Store, connect
from app.records.throttle import lock_attempts, sign_in_attempt
from audit.entry import Event, parse_leaf
from audit.log import DetailSealer

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/sluss.db"
    upgrade(url)
    return url


def pragma(store: Store, name: str) -> object:
    with store.engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("recursive_triggers", 1),
        ("busy_timeout", 5000),
    ],
)
def test_sqlite_is_set_up_for_what_must_survive(sqlite_url: str, name: str, value: object) -> None:
    store = Store.open(sqlite_url)
    assert pragma(store, name) == value
    store.close()


def test_a_new_database_file_is_private(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path}/sluss.db")
    store = Store.open(f"sqlite:///{tmp_path}/sluss.db")
    with store.begin(at=AT) as tx:
        tx.execute(text("DELETE FROM sign_in_attempt"))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {"sluss.db": 0o600, "sluss.db-wal": 0o600, "sluss.db-shm": 0o600}
    store.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite://", "in memory"),
        ("sqlite:////nowhere/at/all/sluss.db", "folder exists"),
        ("not an address", "cannot be read"),
        ("postgresql://host/name", "not in postgresql"),
    ],
)
def test_an_address_that_cannot_hold_records_is_refused_with_what_to_do(
    url: str, said: str
) -> None:
    with pytest.raises(StoreNotReady, match=said):
        connect(url)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "sluss.db").write_bytes(b"this is a letter and no database" * 100)
    with pytest.raises(StoreFault, match="damaged or is no Sluss database"):
        Store.open(f"sqlite:///{tmp_path}/sluss.db")


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_postgres_reads_what_is_committed_and_waits_two_seconds_for_a_lock(store: Store) -> None:
    with store.engine.connect() as connection:
        said = [
            connection.exec_driver_sql(f"SHOW {name}").scalar_one()
            for name in ("transaction_isolation", "lock_timeout", "timezone")
        ]
    assert said == ["read committed", "2s", "UTC"]


def test_a_locked_database_is_busy(
    store: Store, database_url: str, an_event: Callable[..., Event], sealer: DetailSealer
) -> None:
    impatient = Store.open(database_url, lock_seconds=0.2)
    with store.begin(at=AT) as first:
        lock_attempts(first, 1, at=AT)
        first.execute(select(staff).with_for_update())
        with pytest.raises(StoreBusy, match="try again"), impatient.begin(at=AT) as second:
            lock_attempts(second, 1, at=AT)
    impatient.close()


def test_a_locked_log_refuses_the_act(
    store: Store, database_url: str, an_event: Callable[..., Event], sealer: DetailSealer
) -> None:
    impatient = Store.open(database_url, lock_seconds=0.2)
    happened = an_event()
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE audit_head SET n = n")
        with pytest.raises(StoreBusy), impatient.begin(at=AT) as tx:
            tx.execute(insert(staff).values(id="s", name="K", title="t", audit_id=happened.id))
            tx.record(happened, sealer=sealer)
    with store.look(at=AT) as tx:
        assert tx.execute(select(staff)).all() == []
    impatient.close()


def test_a_reader_does_not_wait_for_a_writer(store: Store, database_url: str) -> None:
    other = Store.open(database_url, lock_seconds=0.2)
    with store.begin(at=AT) as first:
        lock_attempts(first, 1, at=AT)
        with other.look(at=AT) as second:
            assert second.execute(select(staff)).all() == []
    other.close()


def test_a_reading_sees_one_moment(store: Store) -> None:
    with store.look(at=AT) as reading:
        assert reading.execute(text("SELECT count(*) FROM sign_in_attempt")).scalar_one() == 0
        with store.begin(at=AT) as writing:
            lock_attempts(writing, 1, at=AT)
        assert reading.execute(text("SELECT count(*) FROM sign_in_attempt")).scalar_one() == 0


def test_a_full_disk_refuses_the_act_and_goes_on_when_there_is_room(
    sqlite_url: str, an_event: Callable[..., Event], sealer: DetailSealer
) -> None:
    store = Store.open(sqlite_url)

    def write(characters: int) -> None:
        happened = an_event()
        with store.begin(at=AT) as tx:
            tx.execute(
                insert(staff).values(
                    id=happened.id, name="K" * characters, title="t", audit_id=happened.id
                )
            )
            tx.record(happened, sealer=sealer)

    write(1)
    most = _limit_pages(store, pragma(store, "page_count"))
    with pytest.raises(StoreFull, match="make room"):
        write(200_000)
    _limit_pages(store, most)
    write(200_000)
    with store.look(at=AT) as tx:
        entries = tx.execute(select(audit_leaf.c.entry).order_by(audit_leaf.c.n)).scalars().all()
        assert [parse_leaf(entry).n for entry in entries] == [0, 1]
        assert len(tx.execute(select(staff.c.id)).all()) == 2
    store.close()


def _limit_pages(store: Store, pages: object) -> object:
    """Set the limit on the pooled connection; returns the old limit's ceiling."""
    with store.engine.connect() as connection:
        most = connection.exec_driver_sql("PRAGMA max_page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    return most


def test_a_full_disk_in_a_savepoint_ends_the_whole_transaction(
    sqlite_url: str, an_event: Callable[..., Event], sealer: DetailSealer
) -> None:
    store = Store.open(sqlite_url)
    happened = an_event()
    _limit_pages(store, pragma(store, "page_count"))
    big = insert(staff).values(id="s", name="K" * 500_000, title="t", audit_id=happened.id)
    with pytest.raises(StoreFault), store.begin(at=AT) as tx:
        tx.record(happened, sealer=sealer)
        with pytest.raises(StoreFault), tx.savepoint():
            tx.execute(big)
        tx.execute(text("DELETE FROM sign_in_attempt"))
    with store.look(at=AT) as tx:
        assert tx.execute(select(audit_leaf)).all() == []
    store.close()


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("55P03", StoreBusy),
        ("40001", StoreBusy),
        ("40P01", StoreBusy),
        ("57014", StoreBusy),
        ("53100", StoreFull),
        ("42501", StoreFault),
    ],
)
def test_what_a_postgres_code_means(state: str, kind: type[StoreFault]) -> None:
    error = psycopg.errors.lookup(state)("secret words")
    fault = fault_of(error)
    assert type(fault) is kind
    assert state in str(fault)
    assert "secret" not in str(fault)


def test_a_server_that_is_not_there_is_told() -> None:
    engine = connect("postgresql+psycopg://nobody@127.0.0.1:1/none")
    store = Store(engine)
    with pytest.raises(StoreBusy, match="cannot be reached"), store.begin(at=AT):
        pass


def test_a_time_comes_back_as_it_went_in_whatever_its_zone(store: Store) -> None:
    east = timezone(timedelta(hours=2))
    given = datetime(2026, 3, 29, 2, 30, 0, 654321, tzinfo=east)
    with store.begin(at=AT) as tx:
        lock_attempts(tx, 7, at=given)
    with store.look(at=AT) as tx:
        found = tx.execute(select(sign_in_attempt.c.last_at)).scalar_one()
    assert found == given
    assert found.tzinfo is UTC


def test_an_answer_that_is_not_one_row_is_a_fault_of_the_store(store: Store) -> None:
    with pytest.raises(StoreFault, match="NoResultFound"), store.look(at=AT) as tx:
        tx.execute(select(staff)).one()


def test_a_stored_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="zone"), store.begin(at=AT) as tx:
        lock_attempts(tx, 7, at=datetime(2026, 1, 1))  # noqa: DTZ001


def _write_entries(url: str, count: int, start: Any, told: Any) -> None:
    """One writer: each act a row and its entry. Run in a thread or in a process of its own."""
    store = Store.open(url, lock_seconds=60)
    start.wait()
    try:
        for _ in range(count):
            event = Event(
                id=new_id(datetime.now(UTC)),
                op="staff.hired",
                res="allow",
                org="o",
                actor={},
                object={},
                detail={},
                case="case-1",
            )
            with store.begin(at=AT) as tx:
                tx.execute(
                    insert(staff).values(id=event.id, name="K", title="t", audit_id=event.id)
                )
                tx.record(event, sealer=_Plain())
        told.put("done")
    except Exception as fault:  # noqa: BLE001 -- carried to the test, which fails by it
        told.put(repr(fault))
    finally:
        store.close()


class _Plain:
    def seal(self, field: str, entry_id: str, plaintext: bytes) -> tuple[str, bytes]:
        return field, plaintext


def _assert_one_log(store: Store, entries: int) -> None:
    with store.look(at=AT) as tx:
        rows = tx.execute(select(audit_leaf).order_by(audit_leaf.c.n)).all()
        people = set(tx.execute(select(staff.c.id)).scalars())
        counters = tx.execute(text("SELECT k FROM audit_counter")).scalars().all()
    assert [row.n for row in rows] == list(range(entries))
    assert [parse_leaf(row.entry).n for row in rows] == list(range(entries))
    assert {row.id for row in rows} == people
    assert counters == [entries, entries]


def test_two_processes_that_write_the_first_entry_at_once_make_one_log(
    store: Store, database_url: str
) -> None:
    spawn = multiprocessing.get_context("spawn")
    start, told = spawn.Barrier(2), spawn.Queue()
    writers = [
        spawn.Process(target=_write_entries, args=(database_url, 5, start, told)) for _ in range(2)
    ]
    for writer in writers:
        writer.start()
    assert [told.get(timeout=300) for _ in writers] == ["done", "done"]
    for writer in writers:
        writer.join()
    _assert_one_log(store, 10)


def test_eight_threads_leave_no_gap_and_no_double(store: Store, database_url: str) -> None:
    start, told = threading.Barrier(8), queue.Queue[str]()
    writers = [
        threading.Thread(target=_write_entries, args=(database_url, 10, start, told))
        for _ in range(8)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [told.get() for _ in writers] == ["done"] * 8
    _assert_one_log(store, 80)


def test_those_who_read_before_they_write_lose_nothing_of_each_others(
    database_url: str,
) -> None:
    store = Store.open(database_url, lock_seconds=60)
    count = sign_in_attempt.c.guesses
    with store.begin(at=AT) as tx:
        lock_attempts(tx, 1, at=AT)
    start, faults = threading.Barrier(4), queue.Queue[StoreFault]()

    def add_one_ten_times() -> None:
        start.wait()
        try:
            for _ in range(10):
                with store.begin(at=AT) as tx:
                    seen = tx.execute(select(count).with_for_update()).scalar_one()
                    tx.execute(update(sign_in_attempt).values(guesses=seen + 1))
        except StoreFault as fault:
            faults.put(fault)

    adders = [threading.Thread(target=add_one_ten_times) for _ in range(4)]
    for adder in adders:
        adder.start()
    for adder in adders:
        adder.join()
    assert faults.empty()
    with store.look(at=AT) as tx:
        assert tx.execute(select(count)).scalar_one() == 40
    store.close()


def test_a_closed_store_folds_the_write_ahead_log_into_the_file(sqlite_url: str) -> None:
    store = Store.open(sqlite_url)
    with store.begin(at=AT) as tx:
        lock_attempts(tx, 1, at=AT)
    store.close()
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    assert not file.with_name("sluss.db-wal").exists()
    with sqlite3.connect(file) as plain:
        assert plain.execute("SELECT count(*) FROM sign_in_attempt").fetchone() == (1,)
    plain.close()
