"""What a log sends a witness: what was signed last, that it has grown from it, the checkpoint.

Source: C2SP tlog-witness; docs/formats/witness.md.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from audit.merkle import HASH_BYTES

PROOF_CAP = 63  # hashes in a consistency proof
REQUEST_CAP = 1024 * 1024 + 8192  # bytes: the largest note, and the longest proof above it
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True)
class Request:
    """A log asks for a signature: what it believes was signed last, the proof, the checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: bytes

    def to_bytes(self) -> bytes:
        """As it is sent."""
        lines = [f"old {self.old}", *(base64.b64encode(item).decode() for item in self.proof)]
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.note


def parse_request(data: bytes) -> Request | None:
    """The request in a body; None where it is none."""
    above, blank, note = data.partition(b"\n\n")
    try:
        first, *hashes = above.decode("ascii").split("\n")
        proof = tuple(base64.b64decode(line, validate=True) for line in hashes)
    except (UnicodeDecodeError, binascii.Error, ValueError):
        return None
    said = _OLD.fullmatch(first)
    if not blank or said is None or len(proof) > PROOF_CAP:
        return None
    if any(len(item) != HASH_BYTES for item in proof):
        return None
    return Request(int(said[1]), proof, note)
