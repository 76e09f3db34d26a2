"""The pair that is timed does what is said of it: both halves work on as many bytes."""

from __future__ import annotations

from app.keys.speed import sealing_and_raw
from app.keys.stream import TAG


def test_both_halves_encrypt_as_many_bytes() -> None:
    sealing, raw = sealing_and_raw(65_536)
    assert len(raw()) == 65_536 + TAG
    assert len(sealing().body) == 4 + 65_536 + TAG


def test_each_sealing_has_a_key_of_its_own() -> None:
    sealing, _ = sealing_and_raw(1024)
    assert sealing().commitment != sealing().commitment
