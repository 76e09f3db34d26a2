"""A note version opens in its own place, as itself, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.keys import LONGEST, CaseKey, SealBroken, SealedNote, TextTooLong
from app.keys.envelope import derived, seal_parts
from app.keys.framing import framed

HEAD, BODY = b'{"title":"Samtal i skolan"}', "Möte med rektor om närvaron.".encode()


@dataclass(frozen=True)
class Row:
    """A stored note version, as records would hand it over."""

    note_id: str
    version: int
    owner: str
    sealed: SealedNote

    def head(self, key: CaseKey) -> bytes:
        note = self.sealed
        return key.open_head(
            self.note_id,
            self.version,
            self.owner,
            suite=note.suite,
            wrapped_key=note.wrapped_key,
            commitment=note.commitment,
            head=note.head,
        )

    def body(self, key: CaseKey) -> bytes:
        note = self.sealed
        return key.open_body(
            self.note_id,
            self.version,
            self.owner,
            suite=note.suite,
            wrapped_key=note.wrapped_key,
            commitment=note.commitment,
            body=note.body,
        )

    def read(self, key: CaseKey) -> tuple[bytes, bytes]:
        return self.head(key), self.body(key)


@pytest.fixture(scope="module")
def row(case_key: CaseKey) -> Row:
    return Row("note-1", 1, "org-1", case_key.seal_note("note-1", 1, "org-1", HEAD, BODY))


@pytest.fixture(scope="module")
def second(case_key: CaseKey) -> Row:
    return Row("note-2", 1, "org-1", case_key.seal_note("note-2", 1, "org-1", HEAD, BODY))


def _neither_opens(row: Row, key: CaseKey) -> None:
    with pytest.raises(SealBroken):
        row.head(key)
    with pytest.raises(SealBroken):
        row.body(key)


def _flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes((content[at] ^ 1,)) + content[at + 1 :]


def test_head_and_body_come_back_as_they_were(row: Row, case_key: CaseKey) -> None:
    assert row.read(case_key) == (HEAD, BODY)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(head=st.binary(max_size=2000), length=st.integers(0, LONGEST), version=st.integers(1, 2**63))
def test_any_head_and_body_come_back_as_they_were(
    case_key: CaseKey, head: bytes, length: int, version: int
) -> None:
    body = (head + b"x") * (length // (len(head) + 1))
    row = Row("n", version, "o", case_key.seal_note("n", version, "o", head, body))
    assert row.read(case_key) == (head, body)


def test_the_same_text_twice_has_nothing_in_common(row: Row, case_key: CaseKey) -> None:
    again = case_key.seal_note("note-1", 1, "org-1", HEAD, BODY)
    assert again.head != row.sealed.head
    assert again.body != row.sealed.body
    assert again.commitment != row.sealed.commitment
    assert again.wrapped_key[12:] != row.sealed.wrapped_key[12:]


def test_the_stored_note_says_nothing_of_its_text(row: Row) -> None:
    note = row.sealed
    stored = b"".join((note.wrapped_key, note.commitment, note.head, note.body))
    assert b"rektor" not in stored
    assert b"Samtal" not in stored


@pytest.mark.parametrize(
    "moved",
    [
        {"note_id": "note-2"},
        {"version": 2},
        {"owner": "org-2"},
        {"note_id": "note-", "owner": "1org-1"},
    ],
)
def test_a_note_moved_to_another_row_version_or_owner_does_not_open(
    row: Row, case_key: CaseKey, moved: dict[str, object]
) -> None:
    _neither_opens(replace(row, **moved), case_key)  # type: ignore[arg-type]


def test_a_note_does_not_open_in_another_case(row: Row, other_case_key: CaseKey) -> None:
    _neither_opens(row, other_case_key)


@pytest.mark.parametrize("suite", [0, 2, 255])
def test_a_note_does_not_open_as_another_suite(row: Row, case_key: CaseKey, suite: int) -> None:
    _neither_opens(replace(row, sealed=replace(row.sealed, suite=suite)), case_key)


def test_a_note_truly_sealed_as_an_unknown_suite_does_not_open() -> None:
    key, dek = bytes(32), bytes(range(32))
    place = framed("sluss/note/1", 9, "note-1", 1, "org-1", "case-1")
    parts = seal_parts(dek, place, head=HEAD, body=BODY)
    wrap = AESGCM(derived(key, b"sluss/case-key/wrap/1"))
    wrapped = bytes(12) + wrap.encrypt(bytes(12), dek, b"wrap" + place)
    note = SealedNote(9, wrapped, parts.commitment, parts.head, parts.body, "", "")
    _neither_opens(Row("note-1", 1, "org-1", note), CaseKey("case-1", key))


@pytest.mark.parametrize("field", ["wrapped_key", "commitment"])
def test_a_field_taken_from_another_note_opens_nothing(
    row: Row, second: Row, case_key: CaseKey, field: str
) -> None:
    taken = {field: getattr(second.sealed, field)}
    _neither_opens(replace(row, sealed=replace(row.sealed, **taken)), case_key)


def test_another_note_s_key_and_commitment_together_open_nothing(
    row: Row, second: Row, case_key: CaseKey
) -> None:
    taken = replace(
        row.sealed,
        wrapped_key=second.sealed.wrapped_key,
        commitment=second.sealed.commitment,
    )
    _neither_opens(replace(row, sealed=taken), case_key)


def test_a_whole_note_copied_over_another_does_not_open(
    row: Row, second: Row, case_key: CaseKey
) -> None:
    _neither_opens(replace(row, sealed=second.sealed), case_key)


def test_an_old_version_shown_as_the_new_one_does_not_open(row: Row, case_key: CaseKey) -> None:
    newer = Row("note-1", 2, "org-1", case_key.seal_note("note-1", 2, "org-1", HEAD, b"rettat"))
    _neither_opens(replace(newer, sealed=row.sealed), case_key)


def test_a_head_and_a_body_of_one_note_cannot_change_places(row: Row, case_key: CaseKey) -> None:
    note = row.sealed
    _neither_opens(replace(row, sealed=replace(note, head=note.body, body=note.head)), case_key)


def test_another_note_s_body_leaves_the_head_readable_and_the_body_refused(
    row: Row, second: Row, case_key: CaseKey
) -> None:
    mixed = replace(row, sealed=replace(row.sealed, body=second.sealed.body))
    assert mixed.head(case_key) == HEAD
    with pytest.raises(SealBroken):
        mixed.body(case_key)


def test_a_bit_flipped_anywhere_in_a_note_is_seen(row: Row, case_key: CaseKey) -> None:
    for field in ("wrapped_key", "commitment", "head", "body"):
        content = getattr(row.sealed, field)
        for at in range(0, len(content), 5):
            changed = replace(row.sealed, **{field: _flipped(content, at)})
            with pytest.raises(SealBroken):
                replace(row, sealed=changed).read(case_key)


@pytest.mark.parametrize("field", ["wrapped_key", "commitment", "head", "body"])
@pytest.mark.parametrize("content", [b"", b"\x00", bytes(11), bytes(5000)])
def test_anything_else_in_a_field_is_the_same_fault(
    row: Row, case_key: CaseKey, field: str, content: bytes
) -> None:
    changed = replace(row, sealed=replace(row.sealed, **{field: content}))
    with pytest.raises(SealBroken):
        changed.read(case_key)


def test_every_cause_of_a_broken_seal_has_the_same_sentence(
    row: Row, second: Row, case_key: CaseKey, other_case_key: CaseKey
) -> None:
    note = row.sealed
    causes = [
        (row, other_case_key),
        (replace(row, sealed=replace(note, suite=9)), case_key),
        (replace(row, sealed=replace(note, wrapped_key=b"")), case_key),
        (replace(row, sealed=replace(note, commitment=second.sealed.commitment)), case_key),
        (replace(row, sealed=replace(note, body=_flipped(note.body, 9))), case_key),
    ]
    sentences = set()
    for changed, key in causes:
        with pytest.raises(SealBroken) as raised:
            changed.body(key)
        assert raised.value.__cause__ is None
        sentences.add(str(raised.value))
    assert sentences == {
        "the body of note note-1, version 1 did not open: it was altered, moved from its place, or"
        " sealed under another key; nothing of it is shown. Compare the row with the log, and"
        " restore it from a backup"
    }


def test_notes_of_one_class_are_stored_in_one_length(case_key: CaseKey) -> None:
    lengths = {
        (len(note.head), len(note.body), len(note.wrapped_key), len(note.commitment))
        for length in (1025, 2000, 4096)
        for note in [case_key.seal_note("n", 1, "o", bytes(length % 200), bytes(length))]
    }
    assert len(lengths) == 1


def test_a_note_above_a_mebibyte_is_not_sealed(case_key: CaseKey) -> None:
    with pytest.raises(TextTooLong, match="the body is 1048577 bytes"):
        case_key.seal_note("n", 1, "o", b"", bytes(LONGEST + 1))
    with pytest.raises(TextTooLong, match="the head is 1048577 bytes"):
        case_key.seal_note("n", 1, "o", bytes(LONGEST + 1), b"")


def test_the_ciphertext_hash_is_the_one_the_format_describes(row: Row) -> None:
    note = row.sealed
    assert note.ct_hash == sha256(framed("sluss/ct-hash/1", note.head, note.body)).hexdigest()


def test_the_wraps_hash_is_the_one_the_format_describes(row: Row) -> None:
    note = row.sealed
    framed_wraps = framed("sluss/wraps-hash/1", note.commitment, note.wrapped_key)
    assert note.wraps_hash == sha256(framed_wraps).hexdigest()


def test_the_wraps_hash_does_not_depend_on_the_order_of_the_wraps() -> None:
    from app.keys.envelope import wraps_hash

    assert wraps_hash(b"c", b"one", b"two") == wraps_hash(b"c", b"two", b"one")
    assert wraps_hash(b"c", b"one", b"two") != wraps_hash(b"c", b"onetwo")
