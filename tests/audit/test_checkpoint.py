"""Signed notes and checkpoints against published vectors, and every way of being wrong."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from audit.checkpoint import (
    Checkpoint,
    SignatureLine,
    SigningKey,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    parse_signing_key,
    parse_verifier_key,
    sign_note,
    split_note,
)
from audit.errors import NoteError

# The key pair and note that the reference implementation of signed notes is tested with.
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb"
    "6KE6RyyBwJnAM=\n"
)
NOTE = f"{TEXT}\n{LINE}".encode()


def test_the_published_note_verifies() -> None:
    opened = open_note(NOTE, [parse_verifier_key(VKEY)])
    assert opened.text == TEXT
    assert [item.name for item in opened.signed_by] == ["PeterNeumann"]


def test_signing_with_the_published_key_gives_the_published_note_byte_for_byte() -> None:
    assert sign_note(TEXT, [parse_signing_key(SKEY)]) == NOTE


def test_the_published_keys_survive_parsing_and_writing() -> None:
    assert parse_verifier_key(VKEY).text() == VKEY
    assert parse_signing_key(SKEY).text() == SKEY
    assert parse_signing_key(SKEY).verifier == parse_verifier_key(VKEY)


def test_the_checkpoint_of_the_specification_is_read() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    signed = text + (
        "\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5"
        "/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    )
    read, lines = split_note(signed.encode())
    checkpoint = parse_checkpoint(read)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.text() == text
    assert [(line.name, len(line.signature)) for line in lines] == [(checkpoint.origin, 64)]


def test_a_text_with_empty_lines_is_split_at_the_last_of_them(key: SigningKey) -> None:
    note = sign_note("one\n\nthree\n", [key])
    assert open_note(note, [key.verifier]).text == "one\n\nthree\n"


def test_unknown_signatures_are_ignored_before_and_after_the_known_one(key: SigningKey) -> None:
    text = Checkpoint(key.name, 3, bytes(32)).text()
    stranger = SigningKey("witness.example/w1", bytes([7] * 32))
    same_name = SigningKey(key.name, bytes([8] * 32))
    note = sign_note(text, [stranger, key, same_name])
    assert open_note(note, [key.verifier]).signed_by == (key.verifier,)


def test_several_known_signatures_are_all_reported(key: SigningKey) -> None:
    other = SigningKey("sluss.example/log", bytes([9] * 32))
    note = sign_note("text\n", [key, other])
    assert open_note(note, [other.verifier, key.verifier]).signed_by == (
        key.verifier,
        other.verifier,
    )


def test_lines_that_others_have_made_are_kept(key: SigningKey) -> None:
    line = SignatureLine("witness.example/w1", b"\x01\x02\x03\x04", bytes(72))
    _, lines = split_note(sign_note("text\n", [key], [line]))
    assert lines[0] == line


def test_a_bad_signature_by_a_known_key_rejects_the_note_though_another_is_good(
    key: SigningKey,
) -> None:
    other = SigningKey("other.example/log", bytes([9] * 32))
    bad = SignatureLine(other.name, other.verifier.id, bytes(64))
    note = sign_note("text\n", [key], [bad])
    assert open_note(note, [key.verifier])
    with pytest.raises(NoteError, match=r"the signature by other\.example/log\+"):
        open_note(note, [key.verifier, other.verifier])


def test_a_note_that_no_known_key_has_signed_is_refused(key: SigningKey) -> None:
    with pytest.raises(NoteError, match="none of the keys given"):
        open_note(NOTE, [key.verifier])


def test_any_flipped_bit_in_a_checkpoint_is_refused(key: SigningKey) -> None:
    note = sign_note(Checkpoint(key.name, 1000, bytes(range(32))).text(), [key])
    for place in range(len(note) * 8):
        changed = bytearray(note)
        changed[place // 8] ^= 1 << (place % 8)
        with pytest.raises(NoteError):
            open_checkpoint(bytes(changed), [key.verifier])


@pytest.mark.parametrize(
    ("note", "said"),
    [
        (b"", "needs a text, a blank line"),
        (TEXT.encode(), "needs a text, a blank line"),
        (f"{TEXT}\n".encode(), "needs a text, a blank line|em dash"),
        (f"{TEXT}\n{LINE[:-1]}".encode(), "needs a text, a blank line"),
        (f"{TEXT}\n{LINE.replace('— ', '-- ')}".encode(), "em dash"),
        (f"{TEXT}\n{LINE.replace('x08g', 'x0 g')}".encode(), "em dash"),
        (f"{TEXT}\n{LINE.replace('x08g', 'x0*g')}".encode(), "not base64"),
        (f"{TEXT}\n{LINE.replace('JnAM=', 'JnAN=')}".encode(), "stray bits"),
        (f"{TEXT}\n— PeterNeumann x08gow==\n".encode(), "too short"),
        (f"{TEXT}\n— Peter+Neumann x08go/ZJ\n".encode(), "key name"),
        (NOTE.replace(b"think", b"thi\tk"), "control characters"),
        (NOTE.replace(b"think", b"thi\xffk"), "UTF-8"),
        (f"{TEXT}\n{LINE * 101}".encode(), "more than 100 signatures"),
        (b"a" * (1024 * 1024 + 1), "above the cap"),
    ],
)
def test_a_malformed_note_is_refused(note: bytes, said: str) -> None:
    with pytest.raises(NoteError, match=said):
        open_note(note, [parse_verifier_key(VKEY)])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("origin\n3\n", "each on a line"),
        ("\n3\n" + "A" * 43 + "=\n", "each on a line"),
        ("origin\n3\n" + "A" * 43 + "=", "each on a line"),
        ("origin\n03\n" + "A" * 43 + "=\n", "plain decimal"),
        ("origin\n-3\n" + "A" * 43 + "=\n", "plain decimal"),
        ("origin\n٣\n" + "A" * 43 + "=\n", "plain decimal"),
        ("origin\n3\nAAAA\n", "not 32 bytes"),
        ("origin\n3\n" + "A" * 42 + "B=\n", "stray bits"),
        ("origin\n3\n" + "A" * 43 + "=\n\nmore\n", "each on a line"),
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str, said: str) -> None:
    with pytest.raises(NoteError, match=said):
        parse_checkpoint(text)


def test_extension_lines_are_read_and_written() -> None:
    checkpoint = Checkpoint("origin", 0, bytes(32), ("one", "two"))
    assert parse_checkpoint(checkpoint.text()) == checkpoint


def test_no_cut_or_changed_public_key_is_accepted() -> None:
    for start in range(len(VKEY)):
        for stop in range(start + 1, len(VKEY) + 1):
            if (start, stop) != (0, len(VKEY)):
                with pytest.raises(NoteError):
                    parse_verifier_key(VKEY[start:stop])
    for place in range(len(VKEY)):
        changed = VKEY[:place] + chr(ord(VKEY[place]) + 1) + VKEY[place + 1 :]
        with pytest.raises(NoteError):
            parse_verifier_key(changed)


def test_a_key_of_another_algorithm_is_refused() -> None:
    wrong = base64.b64encode(b"\x04" + bytes(32)).decode()
    with pytest.raises(NoteError, match="not an Ed25519 key"):
        parse_verifier_key(f"witness+00000000+{wrong}")


def test_a_signing_key_is_never_shown(key: SigningKey) -> None:
    assert repr(key) == f"SigningKey({key.name}+{key.verifier.id.hex()})"
    with pytest.raises(NoteError) as refused:
        parse_signing_key(key.text()[:-4] + "AAA=")
    assert key.text()[-20:-4] not in str(refused.value)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b"])
def test_a_name_with_spaces_or_plus_cannot_name_a_key(name: str, key: Any) -> None:
    with pytest.raises(NoteError, match="key name"):
        SigningKey(name, key.seed)
