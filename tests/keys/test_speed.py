"""What is timed does what is said of it: all work on as many bytes, and nothing is done ahead."""

from __future__ import annotations

from app.keys.hybrid import OVERHEAD
from app.keys.speed import sealings
from app.keys.stream import TAG


def test_both_halves_encrypt_as_many_bytes() -> None:
    ways = sealings(65_536)
    assert len(ways.raw()) == 65_536 + TAG
    assert len(ways.whole().body) == 4 + 65_536 + TAG
    assert len(ways.floor()) == 32 + OVERHEAD + 32


def test_each_sealing_has_a_key_of_its_own() -> None:
    ways = sealings(1024)
    assert ways.whole().commitment != ways.whole().commitment
    assert ways.raw() != ways.raw()
    assert ways.floor() != ways.floor()
