"""Alterations of the files of a written export, with or without its manifest written anew."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.bench.tampering.alteration import Expected, InExport, Unsuitable, expect
from audit.checkpoint import SigningKey
from audit.manifest import (
    CHECKPOINT,
    CHECKPOINTS,
    DETAILS,
    KEYS,
    MANIFEST,
    READ_ME,
    parse_manifest,
)


def flip_bit_in_any_file(folder: Path, chance: random.Random) -> Expected:
    """Bit rot: one bit of any file."""
    path = chance.choice(_files(folder))
    data = bytearray(path.read_bytes())
    bit = chance.randrange(len(data) * 8)
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(bytes(data))
    return expect("edited")


def cut_any_file(folder: Path, chance: random.Random) -> Expected:
    """One file ends too early."""
    path = chance.choice(_files(folder))
    data = path.read_bytes()
    path.write_bytes(data[: chance.randrange(len(data))])
    return expect("edited")


def remove_any_file(folder: Path, chance: random.Random) -> Expected:
    """One file is gone."""
    chance.choice(_files(folder)).unlink()
    return expect("missing")


def add_file(folder: Path, chance: random.Random) -> Expected:
    """A file that the export never had."""
    name = chance.choice(("tillagd.txt", "tile/0/999", "tile/entries/999", "details.jsonl.bak"))
    (folder / name).write_bytes(chance.randbytes(32))
    return expect("edited")


def swap_two_files(folder: Path, chance: random.Random) -> Expected:
    """Two files change names."""
    first, second = chance.sample(_files(folder), 2)
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)
    return expect("edited", "reordered")


def flip_bit_and_write_manifest(folder: Path, chance: random.Random) -> Expected:
    """One bit of what a verdict rests on, by someone who writes the manifest anew."""
    paths = [path for path in _files(folder) if path.name in (DETAILS, CHECKPOINT)]
    paths += [path for path in _files(folder) if "tile" in path.parts]
    path = chance.choice(paths)
    data = bytearray(path.read_bytes())
    bit = chance.randrange(len(data) * 8)
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(bytes(data))
    write_manifest(folder)
    return expect("edited", "unsigned-tail", "missing", "double-written", "reordered")


def leave_details_out(folder: Path, chance: random.Random) -> Expected:
    """A detail's line is taken out, and the manifest written anew."""
    lines = (folder / DETAILS).read_bytes().splitlines(keepends=True)
    gone = chance.randrange(len(lines))
    n = json.loads(lines.pop(gone))["n"]
    (folder / DETAILS).write_bytes(b"".join(lines))
    write_manifest(folder)
    return expect("erased-without-entry", at=n)


def give_detail_twice(folder: Path, chance: random.Random) -> Expected:
    """A detail's line stands twice, and the manifest is written anew."""
    lines = (folder / DETAILS).read_bytes().splitlines(keepends=True)
    at = chance.randrange(len(lines))
    lines.insert(at, lines[at])
    (folder / DETAILS).write_bytes(b"".join(lines))
    write_manifest(folder)
    return expect("double-written", at=json.loads(lines[at])["n"])


def put_lines_in_other_order(folder: Path, chance: random.Random) -> Expected:
    """Two lines of details change places, and the manifest is written anew."""
    lines = (folder / DETAILS).read_bytes().splitlines(keepends=True)
    first, second = sorted(chance.sample(range(len(lines)), 2))
    lines[first], lines[second] = lines[second], lines[first]
    (folder / DETAILS).write_bytes(b"".join(lines))
    write_manifest(folder)
    return expect("reordered", "erased-without-entry", "double-written", "missing")


def claim_another_size(folder: Path, chance: random.Random) -> Expected:
    """The manifest is written anew with another size."""
    manifest = parse_manifest((folder / MANIFEST).read_bytes())
    size = manifest.size + chance.choice((-1, 1, 1_000, 10**9))
    write_manifest(folder, size=size)
    return expect("truncated", "missing", "edited", "unsigned-tail")


def damage_manifest(folder: Path, chance: random.Random) -> Expected:
    """The manifest says something else than its digest, or nothing that can be read."""
    data = (folder / MANIFEST).read_bytes()
    at = chance.randrange(len(data))
    (folder / MANIFEST).write_bytes(data[:at] + chance.randbytes(3) + data[at:])
    return expect("edited")


def replace_keys_file(folder: Path, chance: random.Random) -> Expected:
    """A stranger's key stands in keys.txt, and the manifest is written anew."""
    key = SigningKey("sluss.example/log", chance.randbytes(32)).verifier
    (folder / KEYS).write_text(key.text() + "\n")
    write_manifest(folder)
    return expect("edited")


def change_read_me(folder: Path, _chance: random.Random) -> Expected:
    """README.txt tells whoever verifies to use another command."""
    text = (folder / READ_ME).read_text(encoding="utf-8")
    (folder / READ_ME).write_text(text.replace("do not use", "use"), encoding="utf-8")
    write_manifest(folder)
    return expect("edited")


def exchange_checkpoint(folder: Path, chance: random.Random) -> Expected:
    """The checkpoint in a file of its own is an older one, and the manifest is written anew."""
    lines = (folder / CHECKPOINTS).read_bytes().splitlines()
    if len(lines) < 2:
        raise Unsuitable
    note = json.loads(chance.choice(lines[:-1]))["note"]
    (folder / CHECKPOINT).write_text(note, encoding="utf-8")
    write_manifest(folder)
    return expect("edited")


IN_EXPORT: tuple[InExport, ...] = (
    *(flip_bit_in_any_file, cut_any_file, remove_any_file, add_file, swap_two_files),
    *(flip_bit_and_write_manifest, leave_details_out, give_detail_twice),
    *(put_lines_in_other_order, claim_another_size, damage_manifest, replace_keys_file),
    *(change_read_me, exchange_checkpoint),
)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)


def write_manifest(folder: Path, **changes: Any) -> None:
    """What a forger does who knows the format: every hash and the digest made anew."""
    manifest = parse_manifest((folder / MANIFEST).read_bytes())
    files = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }
    changed = replace(manifest, **({"files": files} | changes))
    (folder / MANIFEST).write_bytes(changed.to_bytes())
