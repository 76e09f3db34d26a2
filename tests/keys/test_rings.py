"""The opened rings of an installation: the newest seals, every version opens."""

from __future__ import annotations

import pytest

from app.keys import KeyFault, Ring, Rings, SoftwareKeyring


def test_the_newest_version_is_the_current_one(
    ring: Ring, renewed_ring: Ring, other_ring: Ring
) -> None:
    for order in ([ring, renewed_ring, other_ring], [renewed_ring, other_ring, ring]):
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
