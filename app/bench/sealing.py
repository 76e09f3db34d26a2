"""Sealing a 64 KB note for a recipient, against bare AES-256-GCM on the same bytes."""

from __future__ import annotations

from collections.abc import Iterator

from app.bench.figure import Figure, compare
from app.keys.speed import sealing_and_raw

BYTES = 65_536


def measure(_server: str | None) -> Iterator[Figure]:
    """One figure."""
    sealing, raw = sealing_and_raw(BYTES)
    found = compare(sealing, raw, rounds=25, calls=40)
    yield Figure(
        name="seal-64k",
        value=found.ratio,
        unit="x raw AES-256-GCM",
        target=12.0,
        note=f"{found.first * 1e6:.0f} us against {found.second * 1e6:.1f} us "
        f"({BYTES / found.second / 1e9:.1f} GB/s raw)",
    )
