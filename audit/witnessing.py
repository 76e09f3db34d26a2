"""Asking a witness for its signature on a checkpoint, over HTTP, and believing nothing it says.

A signature counts only if it is the witness's own key's. A witness that has signed more than we
have, or another log of the same size, says that ours was put back or rewritten; that is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from audit.checkpoint import Checkpoint, SignatureLine, parse_checkpoint, split_note
from audit.cosignature import CosignerKey, parse_cosigner_key
from audit.errors import NoteError
from audit.http_post import NoAnswer, is_address, post
from audit.witness_request import Request

PATH = "/add-checkpoint"
_SIZE = re.compile(r"(0|[1-9][0-9]{0,18})\n?")

Prove = Callable[[int, int], Sequence[bytes]]
"""The consistency proof from one size to another."""


@dataclass(frozen=True)
class WitnessAt:
    """A witness: where it answers, and the key that its signatures count by."""

    url: str
    key: CosignerKey


@dataclass(frozen=True)
class Witnesses:
    """Who is asked, and how many of them are enough; none by default."""

    known: tuple[WitnessAt, ...] = ()
    quorum: int = 0


NOBODY = Witnesses()


@dataclass(frozen=True)
class Cosigned:
    """Its signature on the checkpoint."""

    line: SignatureLine


@dataclass(frozen=True)
class NotCosigned:
    """No signature. `contradicts`: the witness has seen another, or a longer, history."""

    reason: Literal["unreachable", "refused", "false", "contradicts"]
    message: str


def parse_witness(text: str) -> WitnessAt:
    """`URL VKEY`, as it stands in the configuration. Raises NoteError."""
    url, _, key = text.strip().partition(" ")
    if not is_address(url) or "?" in url or "#" in url:
        raise NoteError("a witness is written as its address, a space, and its public key")
    return WitnessAt(url.rstrip("/"), parse_cosigner_key(key.strip()))


def ask_witness(
    witness: WitnessAt, note: bytes, *, old: int, prove: Prove, wait_seconds: float
) -> Cosigned | NotCosigned:
    """Ask for a signature on a signed checkpoint. `old` is the size it is thought to have signed
    last; it is asked once more where it says that it stands elsewhere."""
    checkpoint = parse_checkpoint(split_note(note)[0])
    for _ in range(2):
        request = Request(old, tuple(prove(old, checkpoint.size)), note)
        try:
            status, body = post(
                witness.url + PATH,
                request.to_bytes(),
                kind="text/plain",
                wait_seconds=wait_seconds,
            )
        except NoAnswer as fault:
            return NotCosigned("unreachable", str(fault))
        if status == 200:
            return _signature(witness.key, checkpoint, body)
        said = _SIZE.fullmatch(body.decode("ascii", "replace"))
        stands = int(said[1]) if status == 409 and said else None
        if status == 422 or (stands is not None and (stands == old or stands > checkpoint.size)):
            return NotCosigned(
                "contradicts",
                f"{witness.key.name} has signed a log from which ours of {checkpoint.size} entries "
                "has not grown; ours was put back or rewritten, or another signs with its key",
            )
        if stands is None:
            message = body[:200].decode("utf-8", "replace").strip()
            return NotCosigned("refused", f"{witness.key.name} answered {status}: {message}")
        old = stands
    return NotCosigned("refused", f"{witness.key.name} has signed something in between; try again")


def _signature(key: CosignerKey, checkpoint: Checkpoint, body: bytes) -> Cosigned | NotCosigned:
    text = checkpoint.text()
    try:
        _, lines = split_note(text.encode() + b"\n" + body)
    except NoteError as fault:
        return NotCosigned("false", f"the answer of {key.name} holds no signature: {fault}")
    for line in lines:
        own = (line.name, line.key_id) == (key.name, key.id)
        if own and key.verifies(text.encode(), line.signature):
            return Cosigned(line)
    return NotCosigned("false", f"the answer of {key.name} holds no signature of its key")
