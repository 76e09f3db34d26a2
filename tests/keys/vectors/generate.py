"""Writes the test vectors beside it.

Run it as `PYTHONPATH=. .venv/bin/python tests/keys/vectors/generate.py`.

Keys are SHA-256 of `sluss test vector: ` and a name, so anyone can make them again, and whatever
is made from them without chance (public keys, commitments, sealed heads and bodies, hashes, index
values) comes out the same each time. Wraps and ring seals hold chance: they were made once, are
kept, and must open for ever. Run it again only when a format gets a new version, and into new
files. `x-wing.json` is not made here: it is published (draft-connolly-cfrg-xwing-kem, appendix C).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.keys import CaseKey, RootKey, SoftwareKeyring, seal_delivery
from app.keys.case_key import NOTE_SUITE, wrapped_case_key
from app.keys.envelope import ct_hash, derived, seal_parts, wraps_hash
from app.keys.framing import framed
from app.keys.keyring import SealedRing
from app.keys.ring import Ring
from app.keys.root_key import Purpose, file_text

HERE = Path(__file__).parent
ORGANISATION, CASE, NOTE = "org-1", "case-1", "note-1"
HEAD = b'{"title":"Samtal i skolan"}'
TEXTS = {
    "empty": b"",
    "short": "Möte med rektor om närvaron.".encode(),
    "edge of the first class": b"a" * 256,
    "beyond the first class": b"a" * 257,
    "full single chunk": b"a" * 65_536,
    "several chunks": b"a" * 65_537,
}


def fixed(name: str) -> bytes:
    """The 32-byte key of this name."""
    return sha256(f"sluss test vector: {name}".encode()).digest()


def ring_secrets() -> bytes:
    """The 128 bytes of the ring that every vector uses."""
    return b"".join(fixed(part) for part in ("seed", "index", "detail", "record"))


def hexed(row: object) -> dict[str, Any]:
    """A frozen row with its byte fields in hex."""
    fields = asdict(row)  # type: ignore[call-overload]
    return {key: v.hex() if isinstance(v, bytes) else v for key, v in fields.items()}


def root_key_vectors() -> list[dict[str, Any]]:
    purposes: tuple[Purpose, ...] = ("production", "demonstration")
    return [
        {
            "key": fixed("root").hex(),
            "purpose": purpose,
            "id": RootKey(fixed("root"), purpose).key_id,
            "file": file_text(fixed("root"), purpose),
        }
        for purpose in purposes
    ]


def key_ring_vectors() -> dict[str, Any]:
    root = RootKey(fixed("root"), "production")
    ring = Ring(ORGANISATION, 1, ring_secrets())
    unsealed = SealedRing(ORGANISATION, 1, ring.public_key, b"", root.key_id)
    key_id, detail = ring.detail_sealer().seal("actor", "entry-1", b"Karin")
    wrapped = wrapped_case_key(fixed("case key"), CASE, ORGANISATION, 1, ring.public_key)
    case_key = CaseKey(CASE, fixed("case key"))
    return {
        "root_key": fixed("root").hex(),
        "secrets": ring_secrets().hex(),
        "sealed_ring": hexed(SoftwareKeyring(root)._sealed(unsealed, ring_secrets())),
        "number_index": {
            number: ring.number_index(number).hex() for number in ("200801012386", "200801012394")
        },
        "text": {
            "label": "subject",
            "row_id": "row-1",
            "clear": "Alva Ek",
            "sealed": ring.seal_text("subject", "row-1", b"Alva Ek").hex(),
        },
        "detail": {
            "field": "actor",
            "entry_id": "entry-1",
            "clear": "Karin",
            "key_id": key_id,
            "sealed": detail.hex(),
        },
        "case_key": {"key": fixed("case key").hex(), "wrapped": hexed(wrapped)},
        "case_text": {
            "label": "facts",
            "row_id": "row-1",
            "clear": "Alva Ek",
            "sealed": case_key.seal_text("facts", "row-1", b"Alva Ek").hex(),
        },
    }


def note_vectors() -> list[dict[str, Any]]:
    wrap = AESGCM(derived(fixed("case key"), b"sluss/case-key/wrap/1"))
    made = []
    for version, (name, body) in enumerate(TEXTS.items(), start=1):
        dek = fixed(f"note {name}")
        place = framed("sluss/note/1", NOTE_SUITE, NOTE, version, ORGANISATION, CASE)
        parts = seal_parts(dek, place, head=HEAD, body=body)
        nonce = fixed(f"nonce {name}")[:12]
        wrapped = nonce + wrap.encrypt(nonce, dek, b"wrap" + place)
        made.append(
            {
                "name": name,
                "case_key": fixed("case key").hex(),
                "dek": dek.hex(),
                "note_id": NOTE,
                "version": version,
                "owner": ORGANISATION,
                "case_id": CASE,
                "suite": NOTE_SUITE,
                "place": place.hex(),
                "clear_head": HEAD.decode(),
                "clear_body": {"of": body[:1].decode() if len(body) > 99 else body.decode()}
                | ({"times": len(body)} if len(body) > 99 else {"times": 1}),
                "commitment": parts.commitment.hex(),
                "wrapped_key": wrapped.hex(),
                "head": parts.head.hex(),
                "body_sha256": sha256(parts.body).hexdigest(),
                "body_length": len(parts.body),
                "body": parts.body.hex() if len(parts.body) < 2000 else None,
                "ct_hash": ct_hash(parts.head, parts.body),
                "wraps_hash": wraps_hash(parts.commitment, wrapped),
            }
        )
    return made


def delivery_vectors() -> list[dict[str, Any]]:
    ring = Ring(ORGANISATION, 1, ring_secrets())
    sealed = seal_delivery(ORGANISATION, 1, ring.public_key, "delivery-1", HEAD, TEXTS["short"])
    return [
        {
            "ring_secrets": ring_secrets().hex(),
            "clear_head": HEAD.decode(),
            "clear_body": TEXTS["short"].decode(),
            "sealed": hexed(sealed),
        }
    ]


def main() -> None:
    """Write each file anew."""
    made = {
        "root-key": root_key_vectors(),
        "key-ring": key_ring_vectors(),
        "note-seal": note_vectors(),
        "delivery-seal": delivery_vectors(),
    }
    for name, vectors in made.items():
        text = json.dumps(vectors, ensure_ascii=False, indent=1)
        (HERE / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
