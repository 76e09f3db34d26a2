"""A ciphertext made to open under two keys to two texts is refused by the commitment.

AES-GCM alone accepts it: its tag is a polynomial in the key, so whoever knows two keys can choose
one block of the ciphertext so that one tag fits both. Without the commitment the sender of a note
could show the recipient one text and the reviewer another.
"""

from __future__ import annotations

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.keys import CaseKey, SealBroken
from app.keys.envelope import commitment_to, derived, open_part
from app.keys.framing import framed

PLACE = framed("sluss/note/1", 1, "note-1", 1, "org-1", "case-1")
LABEL = b"body" + PLACE
ONLY_CHUNK = bytes(11) + b"\x01"
CASE_KEY = bytes(range(32))

FIRST = sha256(b"first key").digest()
# Found by trying one after another: its first four bytes of key stream turn the header of a text
# of 61,340 bytes under the first key into that of a text of 65,536 bytes under this one.
SECOND = sha256(b"second key 122635").digest()
FIRST_LENGTH, SECOND_LENGTH = 61_340, 65_536
FIRST_TEXT = "Inget att anmärka. ".encode()
SECOND_TEXT = "Något helt annat. ".encode()
FREE_BLOCK = 3000


def _encrypted_block(key: bytes, block: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(block)  # noqa: S305 because GHASH and the key stream are built from single blocks


def _stream(key: bytes, length: int) -> bytes:
    start = ONLY_CHUNK + (2).to_bytes(4, "big")
    return Cipher(algorithms.AES(key), modes.CTR(start)).encryptor().update(bytes(length))


def _times(x: int, y: int) -> int:
    """Multiplication in the field of GCM. Source: NIST SP 800-38D, 6.3."""
    product = 0
    for bit in range(127, -1, -1):
        if x >> bit & 1:
            product ^= y
        y = (y >> 1) ^ (0xE1 << 120 if y & 1 else 0)
    return product


def _power(x: int, exponent: int) -> int:
    result = 1 << 127
    for bit in bin(exponent)[2:]:
        result = _times(result, result)
        if bit == "1":
            result = _times(result, x)
    return result


def _blocks(content: bytes) -> list[int]:
    padded = content + bytes(-len(content) % 16)
    return [int.from_bytes(padded[at : at + 16], "big") for at in range(0, len(padded), 16)]


def _hash_key(key: bytes) -> int:
    return int.from_bytes(_encrypted_block(key, bytes(16)), "big")


def _tag(key: bytes, sealed: bytes) -> int:
    lengths = (8 * len(LABEL)).to_bytes(8, "big") + (8 * len(sealed)).to_bytes(8, "big")
    hash_key, total = _hash_key(key), 0
    for block in (*_blocks(LABEL), *_blocks(sealed), int.from_bytes(lengths, "big")):
        total = _times(total ^ block, hash_key)
    mask = _encrypted_block(key, ONLY_CHUNK + (1).to_bytes(4, "big"))
    return total ^ int.from_bytes(mask, "big")


def _mixed() -> bytearray:
    """The first half for the first key, the second for the second, and zeros for the first."""
    first, second = (_stream(derived(dek, LABEL), 4 + SECOND_LENGTH) for dek in (FIRST, SECOND))
    wanted_first = FIRST_LENGTH.to_bytes(4, "big") + FIRST_TEXT * 4000
    wanted_first = wanted_first[: 4 + FIRST_LENGTH] + bytes(SECOND_LENGTH - FIRST_LENGTH)
    wanted_second = (SECOND_TEXT * 4000)[:SECOND_LENGTH]
    sealed = bytearray(a ^ b for a, b in zip(wanted_first, first, strict=True))
    for at in range(16 * 1000, 16 * 2000):
        sealed[at] = wanted_second[at] ^ second[at]
    return sealed


@pytest.fixture(scope="module")
def crafted() -> bytes:
    """Ciphertext and tag that are right under both keys."""
    keys = [derived(dek, LABEL) for dek in (FIRST, SECOND)]
    sealed = _mixed()
    at = slice(16 * FREE_BLOCK, 16 * FREE_BLOCK + 16)
    sealed[at] = bytes(16)
    exponent = len(_blocks(bytes(sealed))) - FREE_BLOCK + 1
    one, other = (_tag(key, bytes(sealed)) for key in keys)
    weight = _power(_hash_key(keys[0]), exponent) ^ _power(_hash_key(keys[1]), exponent)
    free = _times(one ^ other, _power(weight, 2**128 - 2))
    sealed[at] = free.to_bytes(16, "big")
    return bytes(sealed) + _tag(keys[0], bytes(sealed)).to_bytes(16, "big")


def _wrapped(dek: bytes) -> bytes:
    nonce = bytes(12)
    cipher = AESGCM(derived(CASE_KEY, b"sluss/case-key/wrap/1"))
    return nonce + cipher.encrypt(nonce, dek, b"wrap" + PLACE)


def _opened(dek: bytes, commitment: bytes, body: bytes) -> bytes:
    return CaseKey("case-1", CASE_KEY).open_body(
        "note-1",
        1,
        "org-1",
        suite=1,
        wrapped_key=_wrapped(dek),
        commitment=commitment,
        body=body,
    )


def test_aes_gcm_and_the_padding_alone_take_the_crafted_text_under_either_key(
    crafted: bytes,
) -> None:
    one = open_part(FIRST, PLACE, "body", crafted, commitment=commitment_to(FIRST, PLACE))
    other = open_part(SECOND, PLACE, "body", crafted, commitment=commitment_to(SECOND, PLACE))
    assert one is not None
    assert other is not None
    assert FIRST_TEXT * 700 in one
    assert SECOND_TEXT * 800 in other


def test_the_key_that_was_committed_to_opens_the_crafted_text(crafted: bytes) -> None:
    assert FIRST_TEXT * 700 in _opened(FIRST, commitment_to(FIRST, PLACE), crafted)


def test_the_second_key_is_refused_by_the_commitment(crafted: bytes) -> None:
    with pytest.raises(SealBroken):
        _opened(SECOND, commitment_to(FIRST, PLACE), crafted)
