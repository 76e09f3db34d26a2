"""What was sealed when the formats were fixed opens; what is made without chance is equal.

The vectors and how they were made: tests/keys/vectors/generate.py.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from app.keys import (
    CaseKey,
    RootKey,
    SealedDelivery,
    SealedRing,
    SoftwareKeyring,
    WrappedCaseKey,
)
from app.keys.envelope import ct_hash, seal_parts, wraps_hash
from app.keys.framing import framed
from app.keys.hybrid import private_from_seed
from app.keys.ring import Ring
from app.keys.root_key import file_text

VECTORS = Path(__file__).parent / "vectors"


def _read(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def _bytes(row: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: bytes.fromhex(v) if key in keys else v for key, v in row.items()}


NOTES = _read("note-seal")
RINGS = _read("key-ring")


@pytest.fixture(scope="module")
def ring() -> Ring:
    return Ring("org-1", 1, bytes.fromhex(RINGS["secrets"]))


@pytest.mark.parametrize("vector", _read("x-wing"), ids=lambda vector: vector["name"])
def test_a_published_seed_gives_the_published_public_key(vector: dict[str, str]) -> None:
    assert private_from_seed(bytes.fromhex(vector["seed"]))[1].hex() == vector["public_key"]


@pytest.mark.parametrize("vector", _read("root-key"), ids=lambda vector: vector["purpose"])
def test_a_root_key_file_is_read_and_written_as_it_was(
    vector: dict[str, Any], key_path: Path
) -> None:
    key_path.write_text(vector["file"])
    key_path.chmod(0o600)
    assert RootKey.load(key_path, vector["purpose"]).key_id == vector["id"]
    assert file_text(bytes.fromhex(vector["key"]), vector["purpose"]) == vector["file"]


def test_a_sealed_ring_opens_under_its_root(ring: Ring) -> None:
    keyring = SoftwareKeyring(RootKey(bytes.fromhex(RINGS["root_key"]), "production"))
    sealed = SealedRing(**_bytes(RINGS["sealed_ring"], "public_key", "sealed"))
    assert keyring.recipient_key(sealed) == ring.public_key
    text = RINGS["text"]
    opened = keyring.open_ring(sealed).open_text(
        text["label"], text["row_id"], bytes.fromhex(text["sealed"])
    )
    assert opened.decode() == text["clear"]


def test_the_index_of_a_number_is_what_it_was(ring: Ring) -> None:
    expected = RINGS["number_index"]
    assert {number: ring.number_index(number).hex() for number in expected} == expected


def test_a_log_detail_opens(ring: Ring) -> None:
    detail = RINGS["detail"]
    opened = ring.open_detail(
        detail["field"], detail["entry_id"], detail["key_id"], bytes.fromhex(detail["sealed"])
    )
    assert opened.decode() == detail["clear"]


def test_a_wrapped_case_key_opens_and_opens_a_field(ring: Ring) -> None:
    wrapped = WrappedCaseKey(**_bytes(RINGS["case_key"]["wrapped"], "sealed"))
    text = RINGS["case_text"]
    opened = ring.unwrap_case_key(wrapped).open_text(
        text["label"], text["row_id"], bytes.fromhex(text["sealed"])
    )
    assert opened.decode() == text["clear"]


def _clear(vector: dict[str, Any]) -> bytes:
    return (vector["clear_body"]["of"] * vector["clear_body"]["times"]).encode()


@pytest.mark.parametrize("vector", NOTES, ids=lambda vector: vector["name"])
def test_a_note_is_sealed_to_the_same_bytes(vector: dict[str, Any]) -> None:
    place = framed(
        "sluss/note/1",
        vector["suite"],
        vector["note_id"],
        vector["version"],
        vector["owner"],
        vector["case_id"],
    )
    assert place.hex() == vector["place"]
    parts = seal_parts(
        bytes.fromhex(vector["dek"]),
        place,
        head=vector["clear_head"].encode(),
        body=_clear(vector),
    )
    assert parts.commitment.hex() == vector["commitment"]
    assert parts.head.hex() == vector["head"]
    assert len(parts.body) == vector["body_length"]
    assert sha256(parts.body).hexdigest() == vector["body_sha256"]
    assert vector["body"] in (None, parts.body.hex())
    assert ct_hash(parts.head, parts.body) == vector["ct_hash"]
    wrapped = bytes.fromhex(vector["wrapped_key"])
    assert wraps_hash(parts.commitment, wrapped) == vector["wraps_hash"]


@pytest.mark.parametrize(
    "vector", [one for one in NOTES if one["body"]], ids=lambda vector: vector["name"]
)
def test_a_stored_note_opens(vector: dict[str, Any]) -> None:
    key = CaseKey(vector["case_id"], bytes.fromhex(vector["case_key"]))
    place = (vector["note_id"], vector["version"], vector["owner"])
    fields = _bytes(vector, "wrapped_key", "commitment", "head", "body")
    stored = {name: fields[name] for name in ("suite", "wrapped_key", "commitment")}
    assert key.open_head(*place, **stored, head=fields["head"]).decode() == vector["clear_head"]
    assert key.open_body(*place, **stored, body=fields["body"]) == _clear(vector)


@pytest.mark.parametrize("vector", _read("delivery-seal"))
def test_a_stored_delivery_opens(vector: dict[str, Any]) -> None:
    recipient = Ring("org-1", 1, bytes.fromhex(vector["ring_secrets"]))
    content = recipient.open_delivery(
        SealedDelivery(**_bytes(vector["sealed"], "wrapped_key", "commitment", "head", "body"))
    )
    assert content.head.decode() == vector["clear_head"]
    assert content.body.decode() == vector["clear_body"]
