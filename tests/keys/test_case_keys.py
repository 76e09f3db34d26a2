"""A case's key opens with the ring it was wrapped to, for its own case and organisation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.keys import CaseKey, Ring, SealBroken, WrappedCaseKey, new_case_key


def test_the_ring_opens_the_key_that_was_made(
    ring: Ring, case_key: CaseKey, wrapped_case_key: WrappedCaseKey
) -> None:
    opened = ring.unwrap_case_key(wrapped_case_key)
    assert opened.case_id == "case-1"
    assert opened.open_text("name", "row", case_key.seal_text("name", "row", b"x")) == b"x"


@pytest.mark.parametrize(
    "moved", [{"case_id": "case-2"}, {"organisation_id": "org-2"}, {"ring_version": 2}], ids=str
)
def test_a_wrapped_key_moved_to_another_row_does_not_open(
    ring: Ring, wrapped_case_key: WrappedCaseKey, moved: dict[str, object]
) -> None:
    with pytest.raises(SealBroken):
        ring.unwrap_case_key(replace(wrapped_case_key, **moved))  # type: ignore[arg-type]


def test_another_organisation_does_not_open_it(
    other_ring: Ring, wrapped_case_key: WrappedCaseKey
) -> None:
    with pytest.raises(SealBroken):
        other_ring.unwrap_case_key(replace(wrapped_case_key, organisation_id="org-2"))


@pytest.mark.parametrize(("organisation", "version"), [("org-2", 1), ("org-1", 2)])
def test_a_wrap_made_for_another_but_sealed_to_this_key_does_not_open(
    ring: Ring, organisation: str, version: int
) -> None:
    _, wrapped = new_case_key("case-1", organisation, version, ring.public_key)
    with pytest.raises(SealBroken):
        ring.unwrap_case_key(wrapped)


def test_another_case_s_wrap_does_not_open_as_this_one(
    ring: Ring, wrapped_case_key: WrappedCaseKey
) -> None:
    _, other = new_case_key("case-2", "org-1", 1, ring.public_key)
    with pytest.raises(SealBroken):
        ring.unwrap_case_key(replace(wrapped_case_key, sealed=other.sealed))


@pytest.mark.parametrize("sealed", [b"", b"\x00", bytes(1168)])
def test_bytes_that_are_no_wrap_do_not_open(
    ring: Ring, wrapped_case_key: WrappedCaseKey, sealed: bytes
) -> None:
    with pytest.raises(SealBroken):
        ring.unwrap_case_key(replace(wrapped_case_key, sealed=sealed))


def test_a_rewrapped_key_opens_with_the_renewed_ring_what_was_sealed_before(
    ring: Ring, renewed_ring: Ring, case_key: CaseKey, wrapped_case_key: WrappedCaseKey
) -> None:
    rewrapped = ring.rewrap_case_key(
        wrapped_case_key, ring_version=2, public_key=renewed_ring.public_key
    )
    text = case_key.seal_text("name", "row", b"x")
    assert (rewrapped.case_id, rewrapped.organisation_id) == ("case-1", "org-1")
    assert renewed_ring.unwrap_case_key(rewrapped).open_text("name", "row", text) == b"x"


def test_a_rewrapped_key_no_longer_opens_with_the_old_ring(
    ring: Ring, renewed_ring: Ring, wrapped_case_key: WrappedCaseKey
) -> None:
    rewrapped = ring.rewrap_case_key(
        wrapped_case_key, ring_version=2, public_key=renewed_ring.public_key
    )
    with pytest.raises(SealBroken):
        ring.unwrap_case_key(rewrapped)
    with pytest.raises(SealBroken):
        ring.unwrap_case_key(replace(rewrapped, ring_version=1))


def test_a_broken_wrap_is_not_rewrapped(
    ring: Ring, renewed_ring: Ring, wrapped_case_key: WrappedCaseKey
) -> None:
    with pytest.raises(SealBroken):
        ring.rewrap_case_key(
            replace(wrapped_case_key, case_id="case-2"),
            ring_version=2,
            public_key=renewed_ring.public_key,
        )


def test_the_hash_of_a_wrap_changes_with_each_of_its_fields(
    wrapped_case_key: WrappedCaseKey,
) -> None:
    changed = [
        replace(wrapped_case_key, case_id="case-2"),
        replace(wrapped_case_key, organisation_id="org-2"),
        replace(wrapped_case_key, ring_version=2),
        replace(wrapped_case_key, sealed=bytes(1168)),
    ]
    hashes = {one.wraps_hash for one in (wrapped_case_key, *changed)}
    assert len(hashes) == 5
