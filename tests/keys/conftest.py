"""Keys that several tests of sealing use. Made anew for each run, on no disk but the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.keys import CaseKey, Ring, RootKey, SoftwareKeyring, WrappedCaseKey, new_case_key


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> RootKey:
    return RootKey.create(tmp_path_factory.mktemp("root") / "root.key", "demonstration")


@pytest.fixture(scope="session")
def other_root(tmp_path_factory: pytest.TempPathFactory) -> RootKey:
    return RootKey.create(tmp_path_factory.mktemp("other") / "root.key", "demonstration")


@pytest.fixture(scope="session")
def keyring(root: RootKey) -> SoftwareKeyring:
    return SoftwareKeyring(root)


@pytest.fixture(scope="session")
def ring(keyring: SoftwareKeyring) -> Ring:
    return keyring.open_ring(keyring.new_ring("org-1"))


@pytest.fixture(scope="session")
def renewed_ring(keyring: SoftwareKeyring) -> Ring:
    return keyring.open_ring(keyring.new_ring("org-1", 2))


@pytest.fixture(scope="session")
def other_ring(keyring: SoftwareKeyring) -> Ring:
    return keyring.open_ring(keyring.new_ring("org-2"))


@pytest.fixture(scope="session")
def case(ring: Ring) -> tuple[CaseKey, WrappedCaseKey]:
    return new_case_key("case-1", "org-1", 1, ring.public_key)


@pytest.fixture(scope="session")
def case_key(case: tuple[CaseKey, WrappedCaseKey]) -> CaseKey:
    return case[0]


@pytest.fixture(scope="session")
def wrapped_case_key(case: tuple[CaseKey, WrappedCaseKey]) -> WrappedCaseKey:
    return case[1]


@pytest.fixture(scope="session")
def other_case_key(ring: Ring) -> CaseKey:
    return new_case_key("case-2", "org-1", 1, ring.public_key)[0]


@pytest.fixture
def key_path(tmp_path: Path) -> Path:
    return tmp_path / "root.key"
