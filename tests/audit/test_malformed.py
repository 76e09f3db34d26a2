"""Whatever is in an export's files, the verifier answers: never a traceback, never for ever."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from audit import __main__ as command
from audit.canonical import canonical
from audit.checkpoint import SigningKey
from audit.errors import CannotRead
from audit.export import write_export
from audit.manifest import MANIFEST, Scope
from audit.report import Report
from audit.verify import verify_export

GARBAGE = [
    b"",
    b"\n",
    b"\0" * 300,
    b"{" * 5000,
    b"[" * 200_000,
    b"null\n1\n[]\n",
    b'{"n":-1,"f":"actor","why":"withheld"}\n',
    b'{"f":"actor","n":0,"why":["x"]}\n',
    b'{"d":{},"f":["actor"],"n":0,"s":3}\n',
    b'{"d":{},"f":"actor","n":9007199254740993,"s":""}\n',
    b'{"n":1e999,"note":"x"}\n',
    b'{"n":3,"note":"\\ud800"}\n',
    b"9" * 9000,
    b"\xff\xfe\n",
]


@pytest.fixture
def part(
    log: Any, kit: Any, key: SigningKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A part of a log, with what an entry vouches for."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    for number in range(12):
        kit.write(log, number)
    scope = Scope(kind="case", of="case-1", start=2, stop=9)
    made = kit.write_vouched(log, key, tmp_path / "made", scope=scope, number=12)
    shutil.copytree(made, tmp_path / "good")
    return Path(shutil.copytree(made, tmp_path / "export"))


@pytest.fixture
def export(
    log: Any, kit: Any, key: SigningKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    for number in range(12):
        kit.write(log, number)
    kit.seal(log, key)
    write_export(log, tmp_path / "good", opener=kit.open, keys=[key.verifier])
    return Path(shutil.copytree(tmp_path / "good", tmp_path / "export"))


def rehash(folder: Path, **changes: Any) -> None:
    """The manifest anew, as a forger would write it, with claims of any type."""
    content = json.loads((folder / MANIFEST).read_bytes()) | changes
    del content["digest"]
    if "files" not in changes:
        content["files"] = {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file() and path.name != MANIFEST
        }
    digest = hashlib.sha256(canonical(content, limit=2**30)).hexdigest()
    (folder / MANIFEST).write_bytes(canonical({**content, "digest": digest}, limit=2**30))


def answered(folder: Path, key: SigningKey) -> Report | None:
    """The report; None where there was nothing to report on."""
    try:
        return verify_export(folder, [key.verifier])
    except CannotRead:
        return None


@pytest.mark.parametrize("which", ["export", "part"])
@pytest.mark.parametrize("written_anew", [True, False])
def test_garbage_in_any_file_is_answered_with_not_verified(
    which: str,
    written_anew: bool,
    request: pytest.FixtureRequest,
    key: SigningKey,
    tmp_path: Path,
) -> None:
    export: Path = request.getfixturevalue(which)
    names = [p.relative_to(export) for p in export.rglob("*") if p.is_file()]
    for name in names:
        for garbage in GARBAGE:
            (export / name).write_bytes(garbage)
            if written_anew and name.name != MANIFEST:
                rehash(export)
            report = answered(export, key)
            assert report is None or not report.verified, (name, garbage[:20])
            shutil.rmtree(export)
            shutil.copytree(tmp_path / "good", export)


def test_garbage_pushed_into_lines_is_answered_with_not_verified(
    export: Path, key: SigningKey, tmp_path: Path
) -> None:
    chance = random.Random(7)  # noqa: S311
    for _ in range(120):
        path = export / chance.choice(["details.jsonl", "checkpoints.jsonl", "checkpoint"])
        data = path.read_bytes()
        at = chance.randrange(len(data))
        path.write_bytes(data[:at] + chance.choice(GARBAGE[2:]) + data[at:])
        rehash(export)
        report = answered(export, key)
        assert report is None or not report.verified
        shutil.copytree(tmp_path / "good", export, dirs_exist_ok=True)


@pytest.mark.parametrize(
    "claims",
    [
        {"size": 2**52},
        {"size": 2**39, "scope": {"kind": "whole", "of": None, "start": 0, "stop": 2**39}},
        {"scope": {"kind": "whole", "of": None, "start": 2**50, "stop": 2**51}},
        {"scope": {"kind": "whole", "of": None, "start": 0, "stop": 1, "more": 1}},
        {"scope": []},
        {"size": -1},
        {"entries": True},
        {"layout": []},
        {"root": 1},
        {"supporting": [2**52]},
        {"files": {}},
        {"files": {"../../etc/passwd": "00"}},
        {"files": {"a\0b": "00", "checkpoint": "11"}},
        {"extra": 1},
    ],
)
def test_a_manifest_that_claims_anything_is_answered(
    claims: dict[str, Any], export: Path, key: SigningKey
) -> None:
    rehash(export, **claims)
    report = answered(export, key)
    assert report is not None
    assert not report.verified


@pytest.mark.parametrize("what", ["pipe", "folder", "link", "gone"])
def test_something_else_in_a_files_place_is_missing(
    what: str, export: Path, key: SigningKey
) -> None:
    path = export / "details.jsonl"
    path.unlink()
    if what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    elif what == "link":
        path.symlink_to("nowhere")
    report = verify_export(export, [key.verifier])
    assert ("missing", None, "details.jsonl") in {
        (item.kind, item.index, item.where) for item in report.findings
    }


def test_names_in_no_alphabet_are_told_without_steering_the_terminal(
    export: Path, key: SigningKey, capsys: pytest.CaptureFixture[str]
) -> None:
    (export / os.fsdecode(b"x\xff\x1b[2J.txt")).write_bytes(b"x")
    assert command.main(["verify", str(export), "--key", key.verifier.text()]) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_a_detail_that_cannot_be_read_is_an_edit_and_no_erasure(
    export: Path, key: SigningKey
) -> None:
    path = export / "details.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[13] = lines[13].replace(b"{", b"<", 1)
    path.write_bytes(b"".join(lines))
    rehash(export)
    report = verify_export(export, [key.verifier])
    assert {(item.kind, item.index) for item in report.findings} == {("edited", 4)}


def test_a_bit_in_a_bundle_is_named_by_its_entry_and_not_by_its_file(
    export: Path, key: SigningKey
) -> None:
    path = export / "tile/entries/000.p/12"
    path.write_bytes(path.read_bytes().replace(b'"n":7', b'"n":8'))
    report = verify_export(export, [key.verifier])
    assert report.first_bad_entry in (7, 8)
    assert all(item.index != 0 for item in report.findings)


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_reader_who_has_seen_enough_is_no_fault(
    export: Path, key: SigningKey, more: list[str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command_line = [sys.executable, "-m", "audit", "verify", str(export)]
    try:
        ended = subprocess.run(
            [*command_line, "--key", key.verifier.text(), "--quiet", *more],
            cwd=Path(command.__file__).parents[1],
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (command.VERIFIED, b"")
