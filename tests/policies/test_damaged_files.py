"""A damaged pack is refused, or it says by its hashes that it is another pack."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import policies
from policies import Law, PackError

Tables = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory,
    small_tables: Callable[[], Tables],
    write_pack: Callable[[Path, Tables], Path],
) -> Path:
    return write_pack(tmp_path_factory.mktemp("damaged"), small_tables())


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_edit_gives_another_meaning_under_the_same_hash_of_the_rules(
    folder: Path, law: Law, data: st.DataObject
) -> None:
    files = sorted(path for path in folder.rglob("*.toml") if path.name != "pack.toml")
    file = data.draw(st.sampled_from(files))
    before = file.read_bytes()
    place = data.draw(st.integers(0, len(before) - 1))
    width = data.draw(st.integers(0, 3))
    insert = data.draw(st.sampled_from([b"", b"0", b"9", b"x", b'"', b"\n", b"#", b"\xff", b"]"]))
    after = before[:place] + insert + before[place + width :]
    file.write_bytes(after)
    try:
        found = policies.load(folder)
    except PackError:
        return
    finally:
        file.write_bytes(before)
    assert (found.sha256 == law.sha256) == (after == before)
    if found.rules_sha256 == law.rules_sha256:
        assert tomllib.loads(after.decode()) == tomllib.loads(before.decode())
