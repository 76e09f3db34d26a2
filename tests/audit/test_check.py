"""What a check mark on a page means for one entry, and each reason for there being none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from audit.check import Checked, InclusionProof, NotChecked, check_entry, prove
from audit.checkpoint import SigningKey
from audit.entry import OpenedDetail


@pytest.fixture
def parts(log: Any, kit: Any, key: SigningKey) -> dict[str, Any]:
    """All that is handed in for entry 12 of 30."""
    for number in range(30):
        kit.write(log, number)
    return {
        "leaf": log.leaf_rows[12].entry,
        "details": {row.field: kit.open(row) for row in log.details(12, 13)},
        "proof": prove(log, 12, 30),
        "checkpoint": kit.seal(log, key),
        "keys": [key.verifier],
    }


def reason(checked: Checked | NotChecked) -> str:
    return checked.reason if isinstance(checked, NotChecked) else "checked"


def test_a_sealed_entry_with_its_details_is_checked(parts: Any) -> None:
    checked = check_entry(**parts)
    assert isinstance(checked, Checked)
    assert (checked.entry.n, checked.entry.op, checked.sealed_at) == (12, "note.read", 30)


def test_every_entry_of_a_log_is_checked(log: Any, kit: Any, parts: Any) -> None:
    for n in range(30):
        details = {row.field: kit.open(row) for row in log.details(n, n + 1)}
        mine = {"leaf": log.leaf_rows[n].entry, "details": details, "proof": prove(log, n, 30)}
        assert reason(check_entry(**(parts | mine))) == "checked"


def test_an_entry_that_is_not_sealed_yet_is_not_checked(log: Any, kit: Any, parts: Any) -> None:
    kit.write(log, 31)
    details = {row.field: kit.open(row) for row in log.details(30, 31)}
    late = {"leaf": log.leaf_rows[30].entry, "details": details, "proof": prove(log, 30, 31)}
    assert reason(check_entry(**(parts | late))) == "not-sealed-yet"


@pytest.mark.parametrize("name", ["actor", "object", "detail"])
def test_an_erased_field_is_not_checked(name: str, parts: Any) -> None:
    del parts["details"][name]
    assert reason(check_entry(**parts)) == f"{name}-missing"


@pytest.mark.parametrize("name", ["actor", "object", "detail"])
def test_a_changed_field_is_not_checked(name: str, parts: Any) -> None:
    opened = parts["details"][name]
    parts["details"][name] = OpenedDetail(opened.salt, opened.body + b" ")
    assert reason(check_entry(**parts)) == f"{name}-changed"


def test_a_changed_salt_is_not_checked(parts: Any) -> None:
    parts["details"]["actor"] = replace(parts["details"]["actor"], salt=bytes(32))
    assert reason(check_entry(**parts)) == "actor-changed"


def test_an_edited_leaf_is_not_checked(parts: Any) -> None:
    parts["leaf"] = parts["leaf"].replace(b"allow", b"deny")
    assert reason(check_entry(**parts)) == "not-in-log"


def test_bytes_that_are_no_leaf_are_not_checked(parts: Any) -> None:
    assert reason(check_entry(**(parts | {"leaf": b"{}"}))) == "leaf-malformed"


def test_the_proof_of_another_entry_is_not_accepted(log: Any, parts: Any) -> None:
    assert reason(check_entry(**(parts | {"proof": prove(log, 13, 30)}))) == "not-in-log"


@pytest.mark.parametrize("cut", range(5))
def test_a_truncated_proof_is_not_accepted(cut: int, parts: Any) -> None:
    proof = parts["proof"]
    short = InclusionProof(proof.index, proof.size, proof.path[:cut])
    assert len(proof.path) == 5
    assert reason(check_entry(**(parts | {"proof": short}))) == "not-in-log"


def test_a_checkpoint_by_another_key_is_not_accepted(log: Any, kit: Any, parts: Any) -> None:
    other = SigningKey("sluss.example/log", bytes([9] * 32))
    parts["checkpoint"] = kit.seal(log, other)
    assert reason(check_entry(**parts)) == "checkpoint-false"


def test_the_checkpoint_of_a_rewritten_log_does_not_cover_the_entry(
    log: Any, kit: Any, key: SigningKey, parts: Any
) -> None:
    other = kit.log()
    for number in range(100, 130):
        kit.write(other, number)
    parts["checkpoint"] = kit.seal(other, key)
    assert reason(check_entry(**parts)) == "not-in-log"
