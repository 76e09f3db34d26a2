"""A small town for each test, on either database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.flows.review_trail import review_trail
from app.keys import RootKey, SoftwareKeyring
from app.records.store import Store
from audit.signer_keys import create_signer_keys
from policies import Law, load
from tests.flows.archive import Archive, an_archive
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
def last_detail(town: Town, tmp_path: Path) -> Callable[[str], Mapping[str, Any]]:
    """The opened detail of the newest entry of a case."""
    key = create_signer_keys(
        tmp_path / "key", tmp_path / "state", name="test.example/log", at=town.at
    )
    return lambda case: review_trail(case, town.chief, log_keys=key, **town.hands).rows[0].detail


@pytest.fixture
def archive(town: Town, tmp_path: Path) -> Archive:
    """The town with a signer, and with an operator who erases."""
    return an_archive(town, tmp_path)
