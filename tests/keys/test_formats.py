"""A reader made from docs/formats alone, with none of the service's code, opens the vectors.

Kept apart from `app.keys` on purpose: if the pages and the code part ways, this test fails.
"""

from __future__ import annotations

import hmac
import json
from hashlib import sha256, shake_256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

VECTORS = Path(__file__).parent / "vectors"
X_WING = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


def _read(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def _framed(*fields: str | int | bytes) -> bytes:
    coded = [
        f.to_bytes(8, "big") if isinstance(f, int) else f.encode() if isinstance(f, str) else f
        for f in fields
    ]
    return b"".join(len(one).to_bytes(4, "big") + one for one in coded)


def _expanded(key: bytes, info: bytes) -> bytes:
    return HKDFExpand(SHA256(), 32, info).derive(key)


def _text(key: bytes, sealed: bytes, bound: bytes) -> str:
    size, padded = 65_540 + 16, b""
    for number, at in enumerate(range(0, len(sealed), size)):
        last = at + size >= len(sealed)
        nonce = number.to_bytes(11, "big") + bytes((last,))
        padded += AESGCM(key).decrypt(nonce, sealed[at : at + size], bound)
    return padded[4 : 4 + int.from_bytes(padded[:4], "big")].decode()


def _parts(dek: bytes, place: bytes, row: dict[str, Any]) -> tuple[str, str]:
    commitment = hmac.digest(dek, b"commit" + place, "sha256")
    assert commitment.hex() == row["commitment"]
    head, body = (
        _text(_expanded(dek, name + place), bytes.fromhex(row[name.decode()]), name + place)
        for name in (b"head", b"body")
    )
    return head, body


def _private(seed: bytes) -> hpke.MLKEM768X25519PrivateKey:
    expanded = shake_256(seed).digest(96)
    return hpke.MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
        X25519PrivateKey.from_private_bytes(expanded[64:]),
    )


def _field(key: bytes, use: str, holder: str, row: tuple[str, str], sealed: bytes) -> str:
    place = _framed(use, sealed[:5], holder, *row)
    return _text(HKDF(SHA256(), 32, sealed[5:37], place).derive(key), sealed[37:], place)


@pytest.fixture(scope="module")
def ring() -> dict[str, bytes]:
    """The ring of the vectors, opened from the root key file down."""
    file, rings = _read("root-key")[0]["file"], _read("key-ring")
    fields = dict(line.split(": ") for line in file.splitlines()[1:])
    assert fields["check"] == sha256(file[: file.index("check")].encode()).hexdigest()
    purpose = fields["purpose"].encode()
    key = bytes.fromhex(fields["key"])
    key_id = hmac.digest(key, b"sluss/root-key-id/1" + purpose, "sha256")[:8].hex()
    assert fields["id"] == f"root-{key_id}"
    row = rings["sealed_ring"]
    sealed = bytes.fromhex(row["sealed"])
    private = sealed[3 + int.from_bytes(sealed[1:3], "big") :]
    where = (row["organisation_id"], row["version"], row["root_key_id"])
    place = _framed("sluss/ring/1", *where, bytes.fromhex(row["public_key"]))
    root = AESGCM(_expanded(key, b"sluss/root-seal/1" + purpose))
    clear = root.decrypt(private[:12], private[12:], place)
    names = ("seed", "index", "detail", "record")
    return {name: clear[32 * at : 32 * at + 32] for at, name in enumerate(names)}


@pytest.fixture(scope="module")
def case_key(ring: dict[str, bytes]) -> bytes:
    row = _read("key-ring")["case_key"]["wrapped"]
    where = (row["case_id"], row["organisation_id"], row["ring_version"])
    info = _framed("sluss/case-key/1", *where)
    return X_WING.decrypt(bytes.fromhex(row["sealed"]), _private(ring["seed"]), info=info)


def test_the_page_on_notes_is_enough_to_open_each_stored_note(case_key: bytes) -> None:
    for row in _read("note-seal"):
        if row["body"] is None:
            continue
        where = (row["note_id"], row["version"], row["owner"], row["case_id"])
        place = _framed("sluss/note/1", row["suite"], *where)
        wrapped = bytes.fromhex(row["wrapped_key"])
        wrap = AESGCM(_expanded(case_key, b"sluss/case-key/wrap/1"))
        dek = wrap.decrypt(wrapped[:12], wrapped[12:], b"wrap" + place)
        clear = row["clear_body"]["of"] * row["clear_body"]["times"]
        assert _parts(dek, place, row) == (row["clear_head"], clear)


def test_the_page_on_deliveries_is_enough_to_open_one(ring: dict[str, bytes]) -> None:
    for vector in _read("delivery-seal"):
        row = vector["sealed"]
        where = (row["delivery_id"], row["recipient_id"], row["ring_version"])
        place = _framed("sluss/delivery/1", row["suite"], *where)
        wrapped = bytes.fromhex(row["wrapped_key"])
        dek = X_WING.decrypt(wrapped, _private(ring["seed"]), info=place)
        assert _parts(dek, place, row) == (vector["clear_head"], vector["clear_body"])


def test_the_page_on_rings_is_enough_to_open_fields_and_details(
    ring: dict[str, bytes], case_key: bytes
) -> None:
    vectors = _read("key-ring")
    text, detail, of_case = (vectors[name] for name in ("text", "detail", "case_text"))
    opened = [
        _field(key, use, holder, row, bytes.fromhex(sealed))
        for key, use, holder, row, sealed in (
            (
                ring["record"],
                "sluss/ring-text/1",
                "org-1",
                (text["label"], text["row_id"]),
                text["sealed"],
            ),
            (
                ring["detail"],
                "sluss/ring-detail/1",
                "org-1",
                (detail["field"], detail["entry_id"]),
                detail["sealed"],
            ),
            (
                _expanded(case_key, b"sluss/case-key/text/1"),
                "sluss/case-text/1",
                "case-1",
                (of_case["label"], of_case["row_id"]),
                of_case["sealed"],
            ),
        )
    ]
    assert opened == [text["clear"], detail["clear"], of_case["clear"]]


def test_the_page_on_rings_is_enough_to_find_a_number(ring: dict[str, bytes]) -> None:
    for number, value in _read("key-ring")["number_index"].items():
        tag = hmac.digest(ring["index"], _framed("sluss/number-index/1", number), "sha256")
        assert (int.from_bytes(tag[:2], "big") >> 1).to_bytes(2, "big").hex() == value
