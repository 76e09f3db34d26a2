"""Sealing a 64 KB note for a recipient, against bare AES-256-GCM on the same bytes."""

from __future__ import annotations

from collections.abc import Iterator

from app.bench.figure import Figure, compare
from app.keys.speed import sealings

BYTES = 65_536


def measure(_server: str | None) -> Iterator[Figure]:
    """One figure. Its note says how much of it the wrap and the hash alone are."""
    ways = sealings(BYTES)
    found = compare(ways.whole, ways.raw, rounds=25, calls=40)
    floor = compare(ways.floor, ways.raw, rounds=25, calls=40)
    yield Figure(
        name="seal-64k",
        value=found.ratio,
        unit="x raw AES-256-GCM",
        target=12.0,
        note=f"{found.first * 1e6:.0f} us against {found.second * 1e6:.1f} us for a fresh key, a "
        f"nonce and AES-256-GCM ({BYTES / found.second / 1e9:.1f} GB/s); hybrid wrap and SHA-256 "
        f"alone are {floor.ratio:.1f}x",
    )
