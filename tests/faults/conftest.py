"""A small town for each test, on either database."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.keys import RootKey, SoftwareKeyring
from app.records.store import Store
from policies import Law, load
from tests.flows.town import Town, build_town


@pytest.fixture(scope="session")
def law() -> Law:
    return load()


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> SoftwareKeyring:
    path: Path = tmp_path_factory.mktemp("root") / "root.key"
    return SoftwareKeyring(RootKey.create(path, "production"))


@pytest.fixture
def town(store: Store, keyring: SoftwareKeyring, law: Law) -> Town:
    return build_town(store, keyring, law)
