"""What changes the hash of a pack's files, and what changes that of its rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import policies
from tests.policies.test_loading import PERMITS, rule

Tables = dict[str, dict[str, Any]]
WritePack = Callable[[Path, Tables], Path]


def test_a_comment_changes_the_hash_of_the_files_and_not_that_of_the_rules(
    tmp_path: Path, tables: Tables, write_pack: WritePack
) -> None:
    before = policies.load(write_pack(tmp_path, tables))
    file = tmp_path / "secrecy.toml"
    file.write_text("# read again\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    after = policies.load(tmp_path)
    assert before.sha256 != after.sha256
    assert before.rules_sha256 == after.rules_sha256


def test_a_word_in_a_rule_changes_both_hashes(
    tmp_path: Path, tables: Tables, write_pack: WritePack
) -> None:
    before = policies.load(write_pack(tmp_path, tables))
    rule(tables, "P-18a")["all"].remove("risk")
    after = policies.load(write_pack(tmp_path, tables))
    assert before.sha256 != after.sha256
    assert before.rules_sha256 != after.rules_sha256


def test_a_file_moved_without_a_change_in_it_changes_the_hash_of_the_files(
    tmp_path: Path, tables: Tables, write_pack: WritePack
) -> None:
    before = policies.load(write_pack(tmp_path, tables))
    (tmp_path / PERMITS).rename(tmp_path / "rules" / "allowed.toml")
    after = policies.load(tmp_path)
    assert before.sha256 != after.sha256
    assert before.rules_sha256 == after.rules_sha256
