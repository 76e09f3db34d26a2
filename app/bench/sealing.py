"""Sealing a 64 KB note for a recipient, against bare AES-256-GCM on the same bytes.

The figure depends on the processor more than on us: where AES runs in vectors (VAES) the bare arm
is twice as fast and nothing else is. It is therefore measured twice, and both are printed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from app.bench.figure import Comparison, Figure, compare
from app.keys.speed import sealings

BYTES = 65_536
TARGET = 12.0
_WITHOUT_VECTORS = ("/usr/bin/env", "OPENSSL_ia32cap=:~0x60000000000")
"""Hides VAES and VPCLMULQDQ from OpenSSL in a process of its own. Source: OPENSSL_ia32cap(3)."""


def measure(_server: str | None) -> Iterator[Figure]:
    """As this processor is, and as it would be without vector AES.

    The notes say how much of it the hybrid wrap and the hash alone are.
    """
    yield _figure("seal-64k", _whole(), _floor())
    whole, floor = _in_a_process_of_its_own()
    yield _figure("seal-64k-no-vector-aes", whole, floor)


def _figure(name: str, found: Comparison, floor: Comparison) -> Figure:
    return Figure(
        name=name,
        value=found.ratio,
        unit="x raw AES-256-GCM",
        target=TARGET,
        note=f"{found.first * 1e6:.0f} us against {found.second * 1e6:.1f} us for a fresh key, a "
        f"nonce and AES-256-GCM ({BYTES / found.second / 1e9:.1f} GB/s); hybrid wrap and SHA-256 "
        f"alone are {floor.ratio:.1f}x",
    )


def _whole() -> Comparison:
    ways = sealings(BYTES)
    return compare(ways.whole, ways.raw, rounds=25, calls=40)


def _floor() -> Comparison:
    ways = sealings(BYTES)
    return compare(ways.floor, ways.raw, rounds=25, calls=40)


def _in_a_process_of_its_own() -> tuple[Comparison, Comparison]:
    ran = subprocess.run(  # noqa: S603 -- this interpreter, this module
        [*_WITHOUT_VECTORS, sys.executable, "-m", __spec__.name],
        capture_output=True,
        text=True,
        check=True,
    )
    whole, floor = json.loads(ran.stdout)
    return Comparison(**whole), Comparison(**floor)


if __name__ == "__main__":
    json.dump([vars(_whole()), vars(_floor())], sys.stdout)
