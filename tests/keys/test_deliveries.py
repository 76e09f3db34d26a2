"""A delivery opens for its recipient, as that delivery, and tells nothing of where it came from."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.keys import (
    LONGEST,
    CaseKey,
    Ring,
    SealBroken,
    SealedDelivery,
    TextTooLong,
    seal_delivery,
)

HEAD, BODY = b'{"title":"Samtal i skolan"}', b"Text till mottagaren."


@pytest.fixture(scope="module")
def sealed(ring: Ring) -> SealedDelivery:
    return seal_delivery("org-1", 1, ring.public_key, "delivery-1", HEAD, BODY)


@pytest.fixture(scope="module")
def second(ring: Ring) -> SealedDelivery:
    return seal_delivery("org-1", 1, ring.public_key, "delivery-2", HEAD, BODY)


def _refused(ring: Ring, changed: SealedDelivery) -> None:
    with pytest.raises(SealBroken):
        ring.open_delivery(changed)


def test_the_recipient_opens_what_was_sealed(ring: Ring, sealed: SealedDelivery) -> None:
    content = ring.open_delivery(sealed)
    assert (content.head, content.body) == (HEAD, BODY)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(head=st.binary(max_size=2000), body=st.integers(0, LONGEST).map(lambda n: b"\xc3" * n))
def test_any_head_and_body_come_back_as_they_were(ring: Ring, head: bytes, body: bytes) -> None:
    content = ring.open_delivery(seal_delivery("org-1", 1, ring.public_key, "d", head, body))
    assert (content.head, content.body) == (head, body)


def test_the_head_opens_without_the_body(ring: Ring, sealed: SealedDelivery) -> None:
    assert ring.open_delivery_head(replace(sealed, body=b"")) == HEAD


def test_a_damaged_head_does_not_open_alone(ring: Ring, sealed: SealedDelivery) -> None:
    with pytest.raises(SealBroken):
        ring.open_delivery_head(replace(sealed, head=sealed.body))


def test_another_organisation_does_not_open_it(other_ring: Ring, sealed: SealedDelivery) -> None:
    _refused(other_ring, sealed)


def test_another_organisation_does_not_open_it_with_its_own_name_on(
    other_ring: Ring, sealed: SealedDelivery
) -> None:
    _refused(other_ring, replace(sealed, recipient_id="org-2"))


def test_a_renewed_ring_does_not_open_what_the_old_one_was_sent(
    renewed_ring: Ring, sealed: SealedDelivery
) -> None:
    _refused(renewed_ring, sealed)
    _refused(renewed_ring, replace(sealed, ring_version=2))


@pytest.mark.parametrize(
    "moved",
    [
        {"delivery_id": "delivery-2"},
        {"recipient_id": "org-2"},
        {"ring_version": 2},
        {"suite": 1},
        {"suite": 0},
    ],
    ids=str,
)
def test_a_delivery_moved_to_another_row_does_not_open(
    ring: Ring, sealed: SealedDelivery, moved: dict[str, object]
) -> None:
    _refused(ring, replace(sealed, **moved))  # type: ignore[arg-type]


@pytest.mark.parametrize(("recipient", "version"), [("org-2", 1), ("org-1", 2)])
def test_a_delivery_addressed_to_another_but_sealed_to_this_key_does_not_open(
    ring: Ring, recipient: str, version: int
) -> None:
    _refused(ring, seal_delivery(recipient, version, ring.public_key, "d", HEAD, BODY))


@pytest.mark.parametrize("field", ["wrapped_key", "commitment", "head", "body"])
def test_a_field_taken_from_another_delivery_does_not_open(
    ring: Ring, sealed: SealedDelivery, second: SealedDelivery, field: str
) -> None:
    _refused(ring, replace(sealed, **{field: getattr(second, field)}))


@pytest.mark.parametrize("field", ["wrapped_key", "commitment", "head", "body"])
@pytest.mark.parametrize("content", [b"", b"\x00", bytes(1168), bytes(5000)])
def test_anything_else_in_a_field_is_the_same_fault(
    ring: Ring, sealed: SealedDelivery, field: str, content: bytes
) -> None:
    _refused(ring, replace(sealed, **{field: content}))


def test_a_whole_delivery_under_another_s_id_does_not_open(
    ring: Ring, sealed: SealedDelivery, second: SealedDelivery
) -> None:
    _refused(ring, replace(second, delivery_id=sealed.delivery_id))


def test_head_and_body_cannot_change_places(ring: Ring, sealed: SealedDelivery) -> None:
    _refused(ring, replace(sealed, head=sealed.body, body=sealed.head))


def test_a_bit_flipped_anywhere_is_seen(ring: Ring, sealed: SealedDelivery) -> None:
    for field in ("wrapped_key", "commitment", "head", "body"):
        content = getattr(sealed, field)
        for at in range(0, len(content), 29):
            flipped = content[:at] + bytes((content[at] ^ 128,)) + content[at + 1 :]
            _refused(ring, replace(sealed, **{field: flipped}))


def test_a_delivery_is_never_a_copy_of_the_note_it_came_from(ring: Ring, case_key: CaseKey) -> None:
    note = case_key.seal_note("note-1", 1, "org-1", HEAD, BODY)
    copy = seal_delivery("org-1", 1, ring.public_key, "delivery-1", HEAD, BODY)
    assert copy.head != note.head
    assert copy.body != note.body
    assert copy.commitment != note.commitment


def test_a_delivery_has_no_field_for_a_note_case_or_version_of_the_sender() -> None:
    assert {field.name for field in fields(SealedDelivery)} == {
        "suite",
        "delivery_id",
        "recipient_id",
        "ring_version",
        "sealed_version",
        "wrapped_key",
        "commitment",
        "head",
        "body",
        "ct_hash",
        "wraps_hash",
    }


def test_two_deliveries_of_one_text_have_nothing_in_common(
    sealed: SealedDelivery, ring: Ring
) -> None:
    again = seal_delivery("org-1", 1, ring.public_key, "delivery-1", HEAD, BODY)
    for field in ("wrapped_key", "commitment", "head", "body"):
        assert getattr(again, field) != getattr(sealed, field)


def test_deliveries_of_one_class_are_stored_in_one_length(ring: Ring) -> None:
    sealed = [
        seal_delivery("org-1", 1, ring.public_key, "d", bytes(size % 90), bytes(size))
        for size in (4097, 9000, 16_384)
    ]
    assert len({(len(one.head), len(one.body), len(one.wrapped_key)) for one in sealed}) == 1


def test_a_text_above_a_mebibyte_is_not_sealed(ring: Ring) -> None:
    with pytest.raises(TextTooLong, match="the body is 1048577 bytes"):
        seal_delivery("org-1", 1, ring.public_key, "d", b"", bytes(LONGEST + 1))


@pytest.mark.parametrize("length", [0, 1215, 1217])
def test_a_public_key_of_the_wrong_length_is_said_to_be_one(length: int) -> None:
    with pytest.raises(ValueError, match=f"a public key is 1216 bytes, got {length}"):
        seal_delivery("org-1", 1, bytes(length), "d", b"", b"")
