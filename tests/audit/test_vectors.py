"""The test vectors in docs/formats are what the code does, and the code what they say."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from audit.checkpoint import (
    open_checkpoint,
    parse_signing_key,
    parse_verifier_key,
    sign_note,
    split_note,
)
from audit.cosignature import (
    ML_DSA_44,
    parse_cosigner_key,
    parse_cosigning_key,
    signed_message,
)
from audit.entry import Event, OpenedDetail, commitment, parse_leaf
from audit.errors import NoteError
from audit.export import write_export
from audit.key_list import known, open_signed
from audit.log import append
from audit.manifest import parse_manifest
from audit.merkle import leaf_hash, tree_root
from audit.tiles import split_tile, tile_path

FORMATS = Path(__file__).parents[2] / "docs" / "formats"


def vectors(name: str) -> Any:
    text = (FORMATS / f"{name}.md").read_text()
    block = re.search(r"```json vectors\n(.*?)```", text, re.DOTALL)
    assert block is not None
    return json.loads(block[1])


ENTRY, CHECKPOINT, EXPORT = map(vectors, ("audit-entry", "checkpoint", "export"))
ENTRIES = ENTRY["entries"]


@pytest.fixture
def written(log: Any, kit: Any) -> Any:
    """The log of the vectors, written with the vectors' salts."""
    for item in ENTRIES:
        salts = iter(bytes.fromhex(item["salts"][name]) for name in ("actor", "object", "detail"))
        with log.begin() as tx:
            append(
                tx,
                Event(**item["event"]),
                at=datetime.fromisoformat(item["at"]),
                sealer=kit.sealer(),
                salts=lambda _length, salts=salts: next(salts),
            )
    return log


def test_appending_the_events_gives_the_leaves(written: Any) -> None:
    assert [row.entry.decode() for row in written.leaves(0, 3)] == [
        item["leaf"] for item in ENTRIES
    ]
    assert written.head().root().hex() == ENTRY["root"]


@pytest.mark.parametrize("item", ENTRIES)
def test_the_commitments_are_over_the_bodies_and_salts(item: Any) -> None:
    entry = parse_leaf(item["leaf"].encode())
    for name, body in item["bodies"].items():
        opened = OpenedDetail(bytes.fromhex(item["salts"][name]), body.encode())
        assert commitment(name, opened) == entry.commitment(name)


def test_the_commitment_can_be_worked_out_by_hand() -> None:
    item = ENTRIES[0]
    body = item["bodies"]["detail"].encode()
    by_hand = hashlib.sha256(
        b"sluss/audit/1/detail\x00" + bytes([3]) * 32 + bytes([0] * 7 + [len(body)]) + body
    )
    assert json.loads(item["leaf"])["cd"] == by_hand.hexdigest()


def test_the_leaf_hashes_make_the_root() -> None:
    hashes = [leaf_hash(item["leaf"].encode()) for item in ENTRIES]
    assert [digest.hex() for digest in hashes] == [item["leaf_hash"] for item in ENTRIES]
    assert tree_root(hashes).hex() == ENTRY["root"] == CHECKPOINT["root"]


def test_the_checkpoint_is_signed_and_opened() -> None:
    note = CHECKPOINT["note"].encode()
    key = parse_signing_key(CHECKPOINT["skey"])
    assert key.seed == bytes(range(32))
    assert key.verifier == parse_verifier_key(CHECKPOINT["vkey"])
    assert key.verifier.id.hex() == CHECKPOINT["key_id"]
    assert sign_note(split_note(note)[0], [key]) == note
    opened = open_checkpoint(note, [key.verifier])
    assert (opened.origin, opened.size) == (CHECKPOINT["origin"], CHECKPOINT["size"])
    assert opened.root.hex() == CHECKPOINT["root"]


def test_the_note_of_both_algorithms() -> None:
    post_quantum = parse_cosigning_key(CHECKPOINT["skey_ml_dsa_44"])
    assert post_quantum.seed == bytes(range(32))
    assert post_quantum.verifier == parse_cosigner_key(CHECKPOINT["vkey_ml_dsa_44"])
    keys = known([parse_verifier_key(CHECKPOINT["vkey"]), post_quantum.verifier])
    note = CHECKPOINT["note_of_both"].encode()
    checkpoint, opened = open_signed(note, keys)
    assert (checkpoint.size, len(opened.signed_by)) == (3, 2)
    line = next(one for one in split_note(note)[1] if one.key_id == post_quantum.verifier.id)
    time = int.from_bytes(line.signature[:8], "big")
    message = signed_message(ML_DSA_44, post_quantum.name, checkpoint, time)
    assert message.hex() == CHECKPOINT["signed_message_ml_dsa_44"]
    with pytest.raises(NoteError, match="ML-DSA-44"):
        open_signed(CHECKPOINT["note"].encode(), keys)


@pytest.mark.parametrize(("kind", "index", "width", "path"), EXPORT["paths"])
def test_tile_paths(kind: Any, index: int, width: int, path: str) -> None:
    assert tile_path(kind, index, width) == path


def test_the_export_of_the_vectors_log(written: Any, kit: Any, tmp_path: Path, key: Any) -> None:
    kit.seal(written, key)
    write_export(written, tmp_path / "e", opener=kit.open, keys=[])
    read = {path.name: path.read_bytes() for path in (tmp_path / "e").rglob("*") if path.is_file()}
    tile = (tmp_path / "e/tile/0/000.p/3").read_bytes()
    bundle = (tmp_path / "e/tile/entries/000.p/3").read_bytes()
    assert tile.hex() == EXPORT["tile"]
    assert [item.hex() for item in split_tile(tile)] == [item["leaf_hash"] for item in ENTRIES]
    assert hashlib.sha256(bundle).hexdigest() == EXPORT["bundle_sha256"]
    assert read["details.jsonl"].decode().splitlines() == EXPORT["details"]
    assert read["checkpoints.jsonl"].decode().splitlines() == EXPORT["checkpoints"]
    assert read["checkpoint"].decode() == CHECKPOINT["note"]


def test_the_manifest_survives_reading_and_writing() -> None:
    manifest = parse_manifest(EXPORT["manifest"].encode())
    assert manifest.to_bytes().decode() == EXPORT["manifest"]
    assert (manifest.size, manifest.root, manifest.layout) == (3, ENTRY["root"], "bundles")
