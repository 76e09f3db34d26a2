"""What nobody reads does not lie in an export: a file, a line or a byte more is named."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit import __main__ as command
from audit.checkpoint import SigningKey
from audit.log import CheckpointRow
from audit.manifest import Scope
from audit.verify import verify_export


@pytest.fixture
def folder(
    log: Any, kit: Any, key: SigningKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """An export with two checkpoints, vouched for by the log."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    for number in range(30):
        kit.write(log, number, org="org-torsby" if number % 3 == 0 else "org-sunne", case=None)
        if number == 20:
            kit.seal(log, key)
            # Of each day the last is in an export, so this one is of another day.
            one = log.checkpoint_rows[21]
            log.checkpoint_rows[21] = CheckpointRow(one.n, one.root, one.note, "2026-11-22")
    made: Path = kit.write_vouched(
        log,
        key,
        tmp_path / "made",
        scope=Scope(kind="organisation", of="org-sunne", start=5, stop=25),
        number=30,
        files={"contents/a_table.csv": b"n,act\n5,read\n"},
    )
    return made


def found(folder: Path, key: SigningKey) -> set[tuple[str, int | None, str]]:
    report = verify_export(folder, [key.verifier])
    assert report.verified is not bool(report.findings)
    return {(one.kind, one.index, one.where) for one in report.findings}


def test_two_checkpoints_and_nothing_beside_are_verified(folder: Path, key: SigningKey) -> None:
    assert len((folder / "checkpoints.jsonl").read_bytes().splitlines()) == 2
    assert found(folder, key) == set()


@pytest.mark.parametrize(
    "name",
    [
        "timestamps/rapport.pdf",
        "timestamps/999.txt",
        "tile/5/123",
        "tile/0/000",
        "tile/0/000.p/7",
        "tile/entries/000.p/31",
        "tile/99/000",
        "notes.txt",
    ],
)
def test_a_file_that_no_such_export_has_is_named_under_a_new_manifest(
    folder: Path, kit: Any, key: SigningKey, name: str
) -> None:
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(b"x" * 32)
    kit.forge(folder)
    assert ("edited", name) in {(kind, where) for kind, _, where in found(folder, key)}


def test_a_folder_or_a_link_that_was_put_there_is_named(
    folder: Path, key: SigningKey, tmp_path: Path
) -> None:
    (folder / "läs mig först").mkdir()
    (folder / "bilagor").symlink_to(tmp_path)
    named = {where for _, _, where in found(folder, key)}
    assert {"läs mig först", "bilagor"} <= named


def _rewrite(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(change(lines)))


def test_a_checkpoint_given_twice_is_named(folder: Path, kit: Any, key: SigningKey) -> None:
    _rewrite(folder / "checkpoints.jsonl", lambda lines: [*lines, lines[-1]])
    kit.forge(folder)
    last = json.loads((folder / "checkpoints.jsonl").read_bytes().splitlines()[-1])["n"] - 1
    assert ("double-written", last, "checkpoints.jsonl line 3") in found(folder, key)


def test_an_older_checkpoint_after_a_newer_one_is_named(
    folder: Path, kit: Any, key: SigningKey
) -> None:
    _rewrite(folder / "checkpoints.jsonl", lambda lines: lines[::-1])
    older = json.loads((folder / "checkpoints.jsonl").read_bytes().splitlines()[-1])
    (folder / "checkpoint").write_text(older["note"], encoding="utf-8")
    kit.forge(folder)
    assert ("reordered", 20, "checkpoints.jsonl line 2") in found(folder, key)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: [*lines, lines[0]], ("double-written", "keys.txt line 2")),
        (lambda lines: [lines[0].strip() + b" trust me\n"], ("edited", "keys.txt line 1")),
        (lambda lines: [*lines, b"# trust evil.example\n"], ("edited", "keys.txt line 2")),
    ],
    ids=["twice", "words-behind", "a-remark"],
)
def test_a_list_of_keys_that_says_anything_else_is_named(
    folder: Path, kit: Any, key: SigningKey, change: Any, said: tuple[str, str]
) -> None:
    _rewrite(folder / "keys.txt", change)
    kit.forge(folder)
    assert said in {(kind, where) for kind, _, where in found(folder, key)}


def test_a_manifest_that_is_a_pipe_is_not_waited_for(folder: Path, key: SigningKey) -> None:
    (folder / "manifest.json").unlink()
    os.mkfifo(folder / "manifest.json")
    assert command.main(["verify", str(folder), "--key", key.verifier.text(), "--quiet"]) == 2


def _zip(
    folder: Path, *, comment: bytes = b"", of_one: bytes = b"", payload: bool = False
) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            info = zipfile.ZipInfo(path.relative_to(folder).as_posix())
            info.comment = of_one
            archive.writestr(info, path.read_bytes())
        if payload:
            archive.writestr(zipfile.ZipInfo("contents/"), b"hidden")
        archive.comment = comment
    return held.getvalue()


@pytest.mark.parametrize(
    ("doctor", "status"),
    [
        (_zip, 0),
        (lambda folder: b"another zip" + _zip(folder), 2),
        (lambda folder: _zip(folder) + _zip(folder), 2),
        (lambda folder: _zip(folder) + b"\n", 2),
        (lambda folder: _zip(folder, comment=b"read me"), 2),
        (lambda folder: _zip(folder, of_one=b"read me"), 2),
        (lambda folder: _zip(folder, payload=True), 2),
    ],
    ids=["as-made", "before", "two", "after", "comment", "comment-of-one", "folder-that-holds"],
)
def test_bytes_of_no_file_in_a_zip_are_refused(
    folder: Path, key: SigningKey, tmp_path: Path, doctor: Any, status: int
) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(doctor(folder))
    assert command.main(["verify", str(path), "--key", key.verifier.text(), "--quiet"]) == status
