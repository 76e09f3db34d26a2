"""Rings under the root: opened where they belong, refused everywhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.keys import (
    Keyring,
    Ring,
    RingOfAnotherRoot,
    RootKey,
    SealBroken,
    SealedRing,
    SoftwareKeyring,
)
from tests.keys.hardware import HardwareRoot


@pytest.fixture(scope="module")
def sealed(keyring: SoftwareKeyring) -> SealedRing:
    return keyring.new_ring("org-1")


def test_a_new_ring_opens_with_the_public_key_that_was_stored(
    keyring: SoftwareKeyring, sealed: SealedRing
) -> None:
    ring = keyring.open_ring(sealed)
    assert (ring.organisation_id, ring.version) == ("org-1", 1)
    assert ring.public_key == sealed.public_key


def test_the_software_keyring_fits_what_flows_ask_of_a_keyring(keyring: SoftwareKeyring) -> None:
    as_asked: Keyring = keyring
    assert as_asked.root_key_id == keyring.new_ring("org-1").root_key_id


def test_a_ring_opened_twice_opens_what_it_sealed(
    keyring: SoftwareKeyring, sealed: SealedRing
) -> None:
    text = keyring.open_ring(sealed).seal_text("name", "row", b"Alva")
    assert keyring.open_ring(sealed).open_text("name", "row", text) == b"Alva"


def test_another_root_is_refused_with_both_ids(
    sealed: SealedRing, root: RootKey, other_root: RootKey
) -> None:
    with pytest.raises(RingOfAnotherRoot) as raised:
        SoftwareKeyring(other_root).open_ring(sealed)
    assert str(raised.value) == (
        "the ring of organisation org-1, version 1 is sealed under root key"
        f" {root.key_id}, and the root key that was loaded is {other_root.key_id}; start with the"
        f" file of {root.key_id}"
    )


def test_a_row_that_lies_about_its_root_does_not_open(
    sealed: SealedRing, other_root: RootKey
) -> None:
    with pytest.raises(SealBroken):
        SoftwareKeyring(other_root).open_ring(replace(sealed, root_key_id=other_root.key_id))


@pytest.mark.parametrize(
    "moved",
    [
        {"organisation_id": "org-2"},
        {"version": 2},
        {"public_key": bytes(1216)},
        {"sealed": b""},
        {"sealed": b"\x01"},
        {"sealed": b"\x01\x00\x00"},
    ],
    ids=lambda moved: "-".join(moved),
)
def test_a_ring_row_that_was_moved_or_changed_does_not_open(
    keyring: SoftwareKeyring, sealed: SealedRing, moved: dict[str, object]
) -> None:
    changed = replace(sealed, **moved)  # type: ignore[arg-type]
    with pytest.raises(SealBroken):
        keyring.open_ring(changed)
    with pytest.raises(SealBroken):
        keyring.recipient_key(changed)


def test_a_bit_flipped_anywhere_in_a_ring_is_seen(
    keyring: SoftwareKeyring, sealed: SealedRing
) -> None:
    unseen = []
    for at in range(len(sealed.sealed)):
        flipped = bytearray(sealed.sealed)
        flipped[at] ^= 1
        changed = replace(sealed, sealed=bytes(flipped))
        for act in (keyring.open_ring, keyring.recipient_key):
            try:
                act(changed)
            except SealBroken:
                break
        else:
            unseen.append(at)
    assert unseen == []


def test_a_recipient_s_key_is_the_one_its_root_vouches_for(
    keyring: SoftwareKeyring, sealed: SealedRing
) -> None:
    assert keyring.recipient_key(sealed) == sealed.public_key


def test_an_attacker_s_public_key_in_the_row_is_refused(
    keyring: SoftwareKeyring, sealed: SealedRing
) -> None:
    of_attacker = keyring.new_ring("org-3").public_key
    with pytest.raises(SealBroken):
        keyring.recipient_key(replace(sealed, public_key=of_attacker))


def test_an_attacker_s_own_ring_does_not_pass_for_another_organisation_s(
    keyring: SoftwareKeyring, sealed: SealedRing
) -> None:
    own = keyring.new_ring("org-3")
    with pytest.raises(SealBroken):
        keyring.recipient_key(replace(own, organisation_id=sealed.organisation_id))


def test_a_renewed_ring_shares_nothing_with_the_old(ring: Ring, renewed_ring: Ring) -> None:
    text = ring.seal_text("name", "row", b"Alva")
    assert renewed_ring.version == ring.version + 1
    assert renewed_ring.public_key != ring.public_key
    with pytest.raises(SealBroken):
        renewed_ring.open_text("name", "row", text)


def test_a_ring_under_a_new_root_is_the_same_ring(
    keyring: SoftwareKeyring, sealed: SealedRing, other_root: RootKey
) -> None:
    text = keyring.open_ring(sealed).seal_text("name", "row", b"Alva")
    moved = keyring.under_new_root(sealed, other_root)
    reopened = SoftwareKeyring(other_root).open_ring(moved)
    assert moved.root_key_id == other_root.key_id
    assert SoftwareKeyring(other_root).recipient_key(moved) == sealed.public_key
    assert reopened.open_text("name", "row", text) == b"Alva"


def test_a_ring_under_a_new_root_no_longer_opens_with_the_old(
    keyring: SoftwareKeyring, sealed: SealedRing, other_root: RootKey
) -> None:
    with pytest.raises(RingOfAnotherRoot):
        keyring.open_ring(keyring.under_new_root(sealed, other_root))


def test_a_version_below_one_is_not_made(keyring: SoftwareKeyring) -> None:
    with pytest.raises(ValueError, match="1 or more, got 0"):
        keyring.new_ring("org-1", 0)


def test_a_root_elsewhere_needs_nothing_but_seal_and_unseal() -> None:
    keyring = SoftwareKeyring(HardwareRoot())
    sealed = keyring.new_ring("org-1")
    assert keyring.open_ring(sealed).public_key == keyring.recipient_key(sealed)
    with pytest.raises(SealBroken):
        keyring.open_ring(replace(sealed, organisation_id="org-2"))
