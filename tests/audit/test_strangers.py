"""What others have signed is ignored, as C2SP signed-note has it, and counted, so it is seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audit.checkpoint import Checkpoint, SigningKey, sign_note
from audit.cosignature import ED25519, new_cosigning_key
from audit.export import write_export
from audit.log import CheckpointRow
from audit.report import Report
from audit.verify import verify_export

STRANGER = SigningKey("sluss.example/log", bytes(32))


@pytest.fixture
def sealed(log: Any, kit: Any, key: SigningKey) -> Any:
    for number in range(8):
        kit.write(log, number)
        if number == 3:
            kit.seal(log, key)
    kit.seal(log, key)
    return log


def verified(log: Any, kit: Any, key: SigningKey, folder: Path, **given: Any) -> Report:
    write_export(log, folder, opener=kit.open, keys=[key.verifier])
    return verify_export(folder, [key.verifier], **given)


def test_where_nobody_else_has_signed_nothing_is_said(
    sealed: Any, kit: Any, key: SigningKey, tmp_path: Path
) -> None:
    report = verified(sealed, kit, key, tmp_path / "e")
    assert (report.others, report.unknown) == ((), 0)
    assert "not used" not in report.words()


def test_a_checkpoint_by_an_unknown_key_accuses_nobody_and_is_counted(
    sealed: Any, kit: Any, key: SigningKey, tmp_path: Path
) -> None:
    note = sign_note(Checkpoint(key.name, 2, bytes(32)).text(), [STRANGER])
    sealed.checkpoint_rows[2] = CheckpointRow(2, bytes(32), note, "2026-11-23")
    report = verified(sealed, kit, key, tmp_path / "e")
    assert report.verified
    assert (report.unknown, report.counts.checkpoints) == (1, 2)
    assert report.others == (f"sluss.example/log+{STRANGER.verifier.id.hex()}",)
    assert "unknown:  1 checkpoints that no key given has signed" in report.words()
    assert report.to_json()["checkpoints_not_used"] == 1


def test_a_line_by_another_signer_is_named_until_their_key_is_given(
    sealed: Any, kit: Any, key: SigningKey, tmp_path: Path
) -> None:
    witness = new_cosigning_key("karlstad.example/w", ED25519)
    row = sealed.checkpoint_rows[8]
    checkpoint = Checkpoint(key.name, 8, row.root)
    line = witness.cosign(checkpoint, kit.start)
    note = sign_note(checkpoint.text(), [key], [line])
    sealed.checkpoint_rows[8] = CheckpointRow(8, row.root, note, row.at)
    report = verified(sealed, kit, key, tmp_path / "e")
    assert report.verified
    assert [name.split("+")[0] for name in report.others] == ["karlstad.example/w"]
    assert "karlstad.example/w" in report.words()
    given = verify_export(tmp_path / "e", [key.verifier], witnesses=[witness.verifier], quorum=1)
    assert (given.others, given.witnessed) == ((), 8)


def test_a_checkpoint_line_that_says_more_than_it_should_is_told(
    sealed: Any, kit: Any, key: SigningKey, tmp_path: Path
) -> None:
    verified(sealed, kit, key, tmp_path / "e")
    path = tmp_path / "e" / "checkpoints.jsonl"
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    lines[0]["more"] = "x"
    written = (
        json.dumps(line, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        for line in lines
    )
    path.write_text("".join(f"{line}\n" for line in written), encoding="utf-8")
    kit.forge(tmp_path / "e")
    report = verify_export(tmp_path / "e", [key.verifier])
    assert [(one.kind, one.where) for one in report.findings] == [
        ("edited", "checkpoints.jsonl line 1")
    ]
