"""A full disk: nothing is half done, nothing is shown unlogged, and all works when there is room.

The log is written with every act, readings included. Without room for it there is no act.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from app.records.errors import StoreFull
from app.records.store import Store
from tests.faults.acts import digest, every_act, nothing_changes
from tests.flows.town import build_town

SQLITE_ONLY = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def _set_pages(store: Store, pages: int) -> None:
    """Let the file have this many pages, in every connection from now on."""
    store.engine.dispose()

    @sqlalchemy.event.listens_for(store.engine, "checkout")
    def limit(connection, *_) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")


def _pages(store: Store) -> int:
    with store.engine.connect() as connection:
        return int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())


@SQLITE_ONLY
def test_when_the_file_cannot_grow_no_act_is_half_done(town) -> None:
    acts = every_act(town)
    _set_pages(town.store, _pages(town.store))
    full = set()
    for _ in range(40):
        for name, act in acts.items():
            before = digest(town.store)
            try:
                act()
            except StoreFull:
                full.add(name)
                assert digest(town.store) == before, name
        if full == acts.keys():
            break
    assert full == acts.keys(), f"never full: {acts.keys() - full}"


@SQLITE_ONLY
def test_when_there_is_room_again_every_act_goes_through(town) -> None:
    acts = every_act(town)
    _set_pages(town.store, _pages(town.store))
    with pytest.raises(StoreFull):
        _write_notes(acts["write a note"])
    _set_pages(town.store, 1_000_000)
    for name, act in acts.items():
        assert act() is not None, name


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of eight megabytes that is really full when it is full."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("needs leave to mount a file system of its own (root)")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_on_a_full_disk_nothing_is_half_done(database_url, small_disk, keyring, law) -> None:
    file = small_disk / "sluss.db"
    shutil.copyfile(database_url.removeprefix("sqlite:///"), file)
    store = Store.open(f"sqlite:///{file}")
    try:
        town = build_town(store, keyring, law)
        acts = every_act(town)
        filler = small_disk / "filler"
        with pytest.raises(OSError, match="No space"):
            _fill(filler)
        _until_full(acts, store)
        filler.unlink()
        for name, act in acts.items():
            assert act() is not None, name
    finally:
        store.close()


def _write_notes(write) -> None:
    for _ in range(200):
        write()


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as other:
        while True:
            other.write(bytes(4096))


def _until_full(acts, store: Store) -> None:
    """Until there is not even room for an entry; what is refused leaves nothing."""
    refused = 0
    for _ in range(100):
        for act in acts.values():
            before = digest(store)
            try:
                act()
            except StoreFull:
                refused += 1
                assert digest(store) == before
        if refused > 2 * len(acts):
            return
    raise AssertionError("the disk never filled")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_a_server_without_room_is_told_as_that(town, monkeypatch) -> None:
    acts = every_act(town)
    with town.store.engine.begin() as connection:
        # The same SQLSTATE as a full tablespace, raised by the server itself.
        connection.exec_driver_sql(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER no_room BEFORE INSERT ON audit_leaf "
            "FOR EACH STATEMENT EXECUTE FUNCTION no_room()"
        )
    try:
        with nothing_changes(town.store):
            for act in acts.values():
                with pytest.raises(StoreFull):
                    act()
    finally:
        with town.store.engine.begin() as connection:
            connection.exec_driver_sql("DROP FUNCTION no_room() CASCADE")
    for name, act in acts.items():
        assert act() is not None, name
