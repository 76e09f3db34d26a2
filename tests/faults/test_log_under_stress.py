"""Many at once, a clock that jumps, a stale moment, and texts of every form. On both databases."""

# ruff: noqa: PT012 -- what fails is the end of the block, so the block is what is looked at.

from __future__ import annotations

import multiprocessing
import queue
import threading
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy

from app.bench.faults.findings import Findings
from app.bench.faults.writers import PlainSealer, write_one
from app.domain.ids import new_id
from app.records.audit_log import StoredLog, details_at, leaves_at
from app.records.errors import StoreBusy
from app.records.store import Store
from audit.entry import Event, commitment, parse_leaf, read_sealed_form
from audit.merkle import leaf_hash

AT = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
"""Half an hour before Sweden sets its clocks back."""
PROCESSES, THREADS, EACH = 2, 8, 4


def _event(at: datetime = AT, **given: Any) -> Event:
    values: dict[str, Any] = {"op": "note.read", "res": "allow", "org": "soc", "actor": {}}
    return Event(id=new_id(at), **values | {"object": {}, "detail": {}} | given)


def _tell(store: Store, at: datetime, **given: Any) -> Event:
    event = _event(at, **given)
    with store.begin(at=at) as tx:
        tx.record(event, sealer=PlainSealer())
    return event


def _entries(store: Store) -> list[Any]:
    with store.look(at=AT) as tx:
        log = StoredLog(tx)
        return [parse_leaf(row.entry) for row in log.leaves(0, log.head().n)]


def _write_in_threads(url: str, start: Any, told: Any) -> None:
    store = Store.open(url, lock_seconds=60)
    ids: queue.Queue[str] = queue.Queue()

    def write() -> None:
        start.wait()
        for _ in range(EACH):
            ids.put(write_one(store))

    threads = [threading.Thread(target=write) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    told.put([ids.get_nowait() for _ in range(ids.qsize())])


def test_sixteen_writers_in_two_processes_begin_an_empty_log_without_fork_or_gap(
    store: Store, database_url: str
) -> None:
    spawn = multiprocessing.get_context("spawn")
    start, told = spawn.Barrier(PROCESSES * THREADS), spawn.Queue()
    writers = [
        spawn.Process(target=_write_in_threads, args=(database_url, start, told))
        for _ in range(PROCESSES)
    ]
    for writer in writers:
        writer.start()
    acknowledged = {entry for _ in writers for entry in told.get(timeout=300)}
    for writer in writers:
        writer.join()
    found = Findings()
    found.look(store, acknowledged)
    assert found.wrong == []
    assert found.entries == len(acknowledged) == PROCESSES * THREADS * EACH


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_one_who_reads_a_stale_moment_is_told_to_try_again_and_never_forks(store: Store) -> None:
    _tell(store, AT)
    stale = sqlalchemy.create_engine(store.engine.url, isolation_level="REPEATABLE READ")
    late = Store(stale)
    with pytest.raises(StoreBusy), late.begin(at=AT) as tx:
        tx.execute(sqlalchemy.text("SELECT 1 FROM audit_head"))  # its moment begins here
        _tell(store, AT)
        tx.record(_event(), sealer=PlainSealer())
    late.close()
    assert [entry.n for entry in _entries(store)] == [0, 1]
    _tell(store, AT)
    assert [entry.ko for entry in _entries(store)] == [1, 2, 3]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_on_sqlite_whoever_may_write_holds_the_file_from_its_first_reading(
    store: Store, database_url: str
) -> None:
    other = Store.open(database_url, lock_seconds=0.05)
    with store.begin(at=AT) as tx:
        tx.execute(sqlalchemy.text("SELECT n FROM audit_head"))
        with pytest.raises(StoreBusy):
            _tell(other, AT)
        tx.record(_event(), sealer=PlainSealer())
    _tell(other, AT)
    other.close()
    assert [entry.n for entry in _entries(store)] == [0, 1]


def test_a_clock_that_jumps_never_makes_an_entry_earlier_and_is_kept_where_it_went_back(
    store: Store,
) -> None:
    swedish = timezone(timedelta(hours=2)), timezone(timedelta(hours=1))
    clocks = [
        AT,
        AT - timedelta(hours=1),  # set back by hand
        AT + timedelta(days=400),  # a battery that died, forwards
        AT + timedelta(seconds=1),  # and right again
        datetime(2026, 10, 25, 2, 30, tzinfo=swedish[0]),  # the same wall clock twice
        datetime(2026, 10, 25, 2, 30, tzinfo=swedish[1]),
        datetime(2028, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC),  # a leap day's last microsecond
    ]
    for clock in clocks:
        _tell(store, clock)
    entries = _entries(store)
    assert [entry.n for entry in entries] == list(range(len(clocks)))
    assert [entry.t for entry in entries] == sorted(entry.t for entry in entries)
    highest = AT
    for entry, clock in zip(entries, clocks, strict=True):
        back = clock < highest
        highest = max(highest, clock)
        told = clock.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        assert (entry.tc == told) if back else (entry.tc is None and entry.t == told), clock


TEXTS = {
    "composed": "\u00e5\u00e4\u00f6",
    "decomposed": "a\u030aa\u0308o\u0308",
    "emoji with joiners": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "right to left": "\u0633\u0644\u0627\u0645",
    "beyond the basic plane": "\U00010348",
    "control characters": "\x01\t\n\x7f\u2028",
    "what looks like SQL": "'; DROP TABLE audit_leaf; -- %s ? :x",
    "a backslash and a quote": "\\x00 \\\" '",
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_was_told_comes_back_to_the_byte(store: Store, name: str) -> None:
    text = TEXTS[name]
    event = _tell(store, AT, detail={"reason": text}, object={"told": text, "n": 2**53 - 1})
    with store.look(at=AT) as tx:
        leaf, details = leaves_at(tx, [0])[0], details_at(tx, [0])[0]
    entry = parse_leaf(leaf.entry)
    assert entry.leaf() == leaf.entry
    assert leaf_hash(leaf.entry) == leaf.leaf_hash
    opened = {field: read_sealed_form(row.body) for field, row in details.items()}
    for field, one in opened.items():
        assert commitment(field, one) == entry.commitment(field)
    told = unicodedata.normalize("NFC", text)
    assert opened["detail"].value() == {"reason": told}
    assert opened["object"].value() == {"told": told, "n": 2**53 - 1}
    assert entry.id == event.id
