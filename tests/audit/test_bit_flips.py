"""A flipped bit anywhere in an export, in any file, is caught.

Every file but the manifest is covered by its hash in the manifest, and the manifest by its digest.
That guards against accidents; the second test takes it away, as a forger would, and asks what the
signature and the commitments alone cover: all but keys.txt and README.txt, on which no verdict
rests. A flip in the signer's name under an older checkpoint makes it a stranger's, which counts for
nothing: the report then counts one checkpoint less, and the latest still covers every entry.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.checkpoint import SigningKey
from audit.errors import CannotRead
from audit.export import write_export
from audit.manifest import Manifest, Scope, parse_manifest
from audit.verify import verify_export

SEED = 20261123
NO_VERDICT = {"keys.txt", "README.txt"}


@pytest.fixture
def export(log: Any, kit: Any, key: SigningKey, tmp_path: Path) -> Callable[..., Path]:
    for number in range(270):
        kit.write(log, number, case=f"case-{number % 7}")
        if number in (9, 255, 269):
            kit.seal(log, key)

    def written(**part: Any) -> Path:
        folder = tmp_path / "export"
        if part:
            scope = Scope(**({"start": 0, "stop": 270} | part))
            folder = kit.write_vouched(log, key, tmp_path / "made", scope=scope, number=270)
        else:
            write_export(log, folder, opener=kit.open, keys=[key.verifier])
        assert verify_export(folder, [key.verifier]).verified
        return folder

    return written


def flips(folder: Path, each: int) -> list[tuple[Path, int]]:
    """Random bits, `each` of them in every file."""
    chance = random.Random(SEED)  # noqa: S311
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [
        (path, chance.randrange(path.stat().st_size * 8)) for path in files for _ in range(each)
    ]


def caught(folder: Path, key: SigningKey) -> bool:
    try:
        return not verify_export(folder, [key.verifier]).verified
    except CannotRead:
        return True


def flip(path: Path, bit: int) -> bytes:
    good = path.read_bytes()
    changed = bytearray(good)
    changed[bit // 8] ^= 1 << (bit % 8)
    path.write_bytes(bytes(changed))
    return good


PERIOD = {"kind": "organisation", "of": "org-sunne", "start": 20, "stop": 40}


@pytest.mark.parametrize("options", [{}, {"kind": "case", "of": "case-3"}, PERIOD])
def test_a_flipped_bit_in_any_file_is_caught(
    options: dict[str, Any], export: Any, key: SigningKey
) -> None:
    folder = export(**options)
    silent = []
    for path, bit in flips(folder, 6):
        good = flip(path, bit)
        if not caught(folder, key):
            silent.append((path.name, bit))
        path.write_bytes(good)
    assert silent == []
    assert not caught(folder, key)


@pytest.mark.parametrize("options", [{}, {"kind": "case", "of": "case-3"}])
def test_a_flipped_bit_is_caught_even_by_one_who_can_write_the_manifest_anew(
    options: dict[str, Any], export: Any, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = export(**options)
    monkeypatch.setattr("audit.exported.ExportFolder.check_files", lambda self, progress: None)
    silent = []
    whole = verify_export(folder, [key.verifier]).counts.checkpoints
    for path, bit in flips(folder, 8):
        if path.name in NO_VERDICT or path.name == "manifest.json":
            continue
        good = flip(path, bit)
        if not caught(folder, key) and not (
            path.name == "checkpoints.jsonl"
            and verify_export(folder, [key.verifier]).counts.checkpoints == whole - 1
        ):
            silent.append((path.relative_to(folder).as_posix(), bit))
        path.write_bytes(good)
    assert silent == []


def test_a_forged_claim_in_a_manifest_written_anew_is_caught(
    export: Any, key: SigningKey, tmp_path: Path
) -> None:
    good = export(kind="case", of="case-3")
    manifest = parse_manifest((good / "manifest.json").read_bytes())
    parts = {name: getattr(manifest, name) for name in manifest.__dataclass_fields__}
    claims: list[dict[str, Any]] = [
        {"size": parts["size"] - 1},
        {"size": parts["size"] + 1},
        {"root": "00" * 32},
        {"layout": "bundles"},
        {"entries": 3},
        {"files": {name: parts["files"][name] for name in list(parts["files"])[1:]}},
    ]
    claims += [{"scope": parts["scope"].__class__(**changed)} for changed in _scopes(parts)]
    for number, claim in enumerate(claims):
        folder = Path(shutil.copytree(good, tmp_path / f"forged-{number}"))
        (folder / "manifest.json").write_bytes(Manifest(**(parts | claim)).to_bytes())
        assert caught(folder, key), claim


def _scopes(parts: dict[str, Any]) -> list[dict[str, Any]]:
    stop = parts["scope"].stop
    return [
        {"kind": "case", "of": "case-3", "start": 0, "stop": stop + 1},
        {"kind": "case", "of": "case-4", "start": 0, "stop": stop},
        {"kind": "organisation", "of": "org-sunne", "start": 0, "stop": stop},
        {"kind": "whole", "of": None, "start": 0, "stop": stop},
        {"kind": "case", "of": "case-3", "start": 20, "stop": stop},
    ]


@pytest.mark.parametrize("name", ["manifest.json", "checkpoint", "details.jsonl", "tile/0/000"])
def test_a_missing_file_is_caught(name: str, export: Any, key: SigningKey) -> None:
    folder = export()
    (folder / name).unlink()
    assert caught(folder, key)


@pytest.mark.parametrize("name", ["extra.txt", "tile/0/002", "tile/entries/000.p/3"])
def test_a_file_that_was_added_is_caught(name: str, export: Any, key: SigningKey) -> None:
    folder = export()
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"x")
    assert caught(folder, key)


@pytest.mark.parametrize("length", [0, 1, 5000])
def test_a_cut_file_is_caught(length: int, export: Any, key: SigningKey) -> None:
    folder = export()
    for name in ("tile/entries/000", "tile/0/000", "details.jsonl", "checkpoints.jsonl"):
        good = (folder / name).read_bytes()
        (folder / name).write_bytes(good[:length] if len(good) > length else good[:-1])
        assert caught(folder, key), name
        (folder / name).write_bytes(good)
