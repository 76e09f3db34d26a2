"""A database that somebody else holds: the act is refused whole, and goes through afterwards."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from app.records.errors import StoreBusy
from app.records.store import Store
from tests.faults.acts import every_act, nothing_changes
from tests.flows.town import build_town


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """One that does not wait long."""
    opened = Store.open(database_url, lock_seconds=0.05)
    yield opened
    opened.close()


@contextmanager
def held_by_another(store: Store) -> Iterator[None]:
    """Another connection holds what every act needs: the file, or the row at the log's head."""
    if store.engine.dialect.name == "sqlite":
        other = sqlite3.connect(store.engine.url.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
        other.close()
        return
    plain = store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as holder:
        holder.execute("SELECT n FROM audit_head FOR UPDATE")
        yield
        holder.rollback()


def test_while_it_is_locked_no_act_is_half_done(store, keyring, law) -> None:
    acts = every_act(build_town(store, keyring, law))
    with nothing_changes(store), held_by_another(store):
        for act in acts.values():
            with pytest.raises(StoreBusy):
                act()
    for name, act in acts.items():
        assert act() is not None, name


def test_a_lock_that_is_let_go_in_time_is_waited_for(database_url, keyring, law) -> None:
    patient = Store.open(database_url, lock_seconds=10)
    try:
        acts = every_act(build_town(patient, keyring, law))
        done = threading.Event()
        with held_by_another(patient):
            waiting = threading.Thread(target=lambda: (acts["disclose"](), done.set()))
            waiting.start()
            assert not done.wait(0.2)
        assert done.wait(10)
        waiting.join()
    finally:
        patient.close()
