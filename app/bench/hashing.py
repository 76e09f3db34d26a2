"""Hashing a log and its root against the per-call bound of hashlib, and the full verification."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from app.bench.bench_house import BenchFault, BenchHouse
from app.bench.figure import Figure, compare
from app.flows.open_details import open_detail
from app.records.audit_log import StoredLog
from app.signer_files import public_key_file
from audit.export import write_export
from audit.merkle import hash_leaves, tree_root

ENTRIES = 20_000
LEAF_BYTES = 400
LOG_ENTRIES = 2_000


def measure(_server: str | None) -> Iterator[Figure]:
    """The ratio, and the rate of `python -m audit verify` on a real export."""
    entries = [bytes([number % 251]) * LEAF_BYTES for number in range(ENTRIES)]

    def ours() -> bytes:
        return tree_root(hash_leaves(entries))

    def bound() -> bytes:
        # Two calls of hashlib an entry, a leaf's and a node's: no tree in Python can be faster.
        node = bytes(65)
        digest = b""
        for entry in entries:
            hashlib.sha256(entry).digest()
            digest = hashlib.sha256(node).digest()
        return digest

    found = compare(bound, ours, rounds=15, calls=1)
    yield Figure(
        name="hash-log",
        value=found.ratio,
        unit="x per-call hashlib bound",
        target=0.4,
        sense="at least",
        note=f"{ENTRIES / found.second:,.0f} entries/s",
    )
    yield _verification()


def _verification() -> Figure:
    with TemporaryDirectory() as name, BenchHouse(Path(name) / "house") as house:
        house.fill_log(LOG_ENTRIES)
        folder = Path(name) / "export"
        ring = house.rings.current(house.actor.organisation_id)
        with house.store.look(at=house.at) as tx:
            exported = write_export(
                StoredLog(tx),
                folder,
                opener=lambda row: open_detail(row, ring, {}),
                keys=house.log_keys,
            )
        start = time.perf_counter()
        ran = subprocess.run(  # noqa: S603 - our own interpreter, our own arguments
            [
                sys.executable,
                *("-m", "audit", "verify", str(folder)),
                *("--key", str(public_key_file(house.house.config)), "--json", "--unvouched"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        took = time.perf_counter() - start
    if ran.returncode != 0:
        raise BenchFault(f"the export did not verify: {json.loads(ran.stdout)}")
    return Figure(
        name="verify-export",
        value=exported.entries / took,
        unit="entries/s",
        note=f"{exported.entries} entries, with parsing, commitments and start-up of Python",
    )
