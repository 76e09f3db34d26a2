"""A large log followed by several processes: the same answer, whatever is wrong with it."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from audit import stretch
from audit.checkpoint import SigningKey
from audit.entry import ERASURE_OP, erasure_detail
from audit.export import write_export
from audit.verify import verify_export

ENTRIES = 1100


@pytest.fixture
def export(
    log: Any, kit: Any, key: SigningKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Four stretches of a few hundred entries, erasures and a clock that went back among them."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setattr(stretch, "STRETCH", 256)
    monkeypatch.setattr("audit.verify.LEAST", 256)
    for number in range(ENTRIES):
        at = kit.start + timedelta(seconds=number if number != 700 else 0)
        kit.write(log, number, case=f"case-{number % 7}" if number % 5 else None, at=at)
    del log.detail_rows[3, "object"], log.detail_rows[900, "object"]
    gone = erasure_detail({3: ("object",), 900: ("object",)})
    kit.write(log, ENTRIES, op=ERASURE_OP, object={}, detail=gone, case=None)
    kit.seal(log, key)
    write_export(log, tmp_path / "export", opener=kit.open, keys=[key.verifier])
    return tmp_path / "export"


def test_several_processes_verify_what_one_verifies(export: Path, key: SigningKey) -> None:
    told: list[tuple[str, int, int]] = []
    one = verify_export(export, [key.verifier])
    several = verify_export(
        export, [key.verifier], processes=2, progress=lambda *step: told.append(step)
    )
    assert one.verified
    assert several == one
    assert ("entries", 512, ENTRIES + 1) in told
    assert ("entries", ENTRIES + 1, ENTRIES + 1) in told


@pytest.mark.parametrize("place", [0, 255, 256, 600, ENTRIES])
@pytest.mark.parametrize("kind", ["entry", "detail", "missing", "twice", "counter"])
def test_what_is_wrong_anywhere_is_named_as_one_process_names_it(
    place: int, kind: str, export: Path, key: SigningKey, log: Any, kit: Any, tmp_path: Path
) -> None:
    if kind == "entry":
        row = log.leaf_rows[place]
        log.leaf_rows[place] = replace(row, entry=row.entry.replace(b"allow", b"allov"))
    elif kind == "detail":
        row = log.detail_rows[place, "actor"]
        log.detail_rows[place, "actor"] = replace(row, body=row.body[:-3] + b'x"}')
    elif kind == "missing":
        del log.leaf_rows[place]
    else:
        other = log.leaf_rows[(place + 300) % ENTRIES]
        old = b'"n":%d' % other.n
        entry = other.entry.replace(old, b'"n":%d' % place) if kind == "counter" else other.entry
        log.leaf_rows[place] = replace(other, n=place, entry=entry)
        kit.rebuild(log)
    shutil.rmtree(export)
    write_export(log, export, opener=kit.open, keys=[key.verifier])
    one = verify_export(export, [key.verifier])
    assert not one.verified
    assert verify_export(export, [key.verifier], processes=2) == one


def test_details_begin_where_their_stretch_does(export: Path) -> None:
    divided = list(stretch._divide(export, ENTRIES + 1))
    data = (export / "details.jsonl").read_bytes()
    parts = [data[part.details_from : part.details_to] for part in divided]
    assert b"".join(parts) == data
    for part, lines in zip(divided, parts, strict=True):
        indices = [stretch._index_in(line) for line in lines.splitlines()]
        assert part.start <= min(indices)
        assert max(indices) < part.stop
