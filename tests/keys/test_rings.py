"""The opened rings of an installation: the newest seals, every version opens."""

from __future__ import annotations

import pytest

from app.keys import KeyFault, Ring, Rings, SealBroken, SoftwareKeyring


@pytest.fixture
def ring(keyring: SoftwareKeyring) -> Ring:
    """One of this file's own, because rings that stand together open each other's texts."""
    return keyring.open_ring(keyring.new_ring("org-1"))


@pytest.fixture
def renewed_ring(keyring: SoftwareKeyring) -> Ring:
    return keyring.open_ring(keyring.new_ring("org-1", 2))


def test_a_renewed_ring_opens_what_the_earlier_one_sealed_once_they_stand_together(
    ring: Ring, renewed_ring: Ring
) -> None:
    sealed = ring.seal_text("subject", "1", b"Alva")
    with pytest.raises(SealBroken):
        renewed_ring.open_text("subject", "1", sealed)
    Rings([ring, renewed_ring])
    assert renewed_ring.open_text("subject", "1", sealed) == b"Alva"


def test_one_that_is_wanted_and_not_here_is_read_again(ring: Ring, renewed_ring: Ring) -> None:
    asked = []
    rings = Rings([ring], lambda: asked.append(1) or [ring, renewed_ring])
    assert rings.current("org-1") is ring
    assert not asked
    assert rings.version("org-1", 2) is renewed_ring
    assert rings.current("org-1") is renewed_ring
    assert len(asked) == 1


def test_the_newest_version_is_the_current_one(
    ring: Ring, renewed_ring: Ring, keyring: SoftwareKeyring
) -> None:
    other = keyring.open_ring(keyring.new_ring("org-2"))
    for order in ([ring, renewed_ring, other], [renewed_ring, other, ring]):
        assert Rings(order).current("org-1") is renewed_ring


def test_the_tenth_version_is_newer_than_the_ninth(keyring: SoftwareKeyring) -> None:
    versions = [keyring.open_ring(keyring.new_ring("org-1", n)) for n in (10, 9)]
    assert Rings(versions).current("org-1").version == 10


def test_an_older_version_is_still_there_to_open_with(ring: Ring, renewed_ring: Ring) -> None:
    assert Rings([ring, renewed_ring]).version("org-1", 1) is ring


def test_an_organisation_without_a_ring_is_named(ring: Ring) -> None:
    with pytest.raises(KeyFault, match="organisation org-9 has no key ring"):
        Rings([ring]).current("org-9")


def test_a_missing_version_is_named(ring: Ring) -> None:
    with pytest.raises(KeyFault, match="version 2 of the key ring of organisation org-1"):
        Rings([ring]).version("org-1", 2)
