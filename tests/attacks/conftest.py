"""A small town, or a whole installation, for each test, on either database."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
import structlog

from app.keys import RootKey, SoftwareKeyring
from app.records.store import Store
from app.web import operational_log
from policies import Law, load
from tests.attacks.house import House, a_house
from tests.flows.town import Town, build_town
from tests.founded import Founded


@pytest.fixture(scope="session")
def law() -> Law:
    return load()


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> SoftwareKeyring:
    path: Path = tmp_path_factory.mktemp("root") / "root.key"
    return SoftwareKeyring(RootKey.create(path, "production"))


@pytest.fixture(scope="session")
def founded(keyring: SoftwareKeyring, law: Law) -> Founded[Town]:
    return Founded(lambda store: build_town(store, keyring, law), Town.again)


@pytest.fixture
def town(store: Store, founded: Founded[Town]) -> Town:
    return founded.on(store)


@pytest.fixture
def operator_log() -> Iterator[StringIO]:
    """What the operator would read, of our own lines and of other libraries'."""
    lines, root = StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    operational_log.configure(lines)
    yield lines
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def house(database_url: str, tmp_path: Path, operator_log: StringIO) -> Iterator[House]:
    """A whole installation, on either database."""
    folder = tmp_path / "house"
    folder.mkdir()
    with a_house(folder, database_url) as opened:
        yield opened
