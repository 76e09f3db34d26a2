"""Receipts: that one entry is in the log, in a file that can be checked without the log.

A receipt is a C2SP tlog-proof: the entry as the log holds it, the hashes that lead from it to the
root of a checkpoint, and the checkpoint with all its signatures. What the entry is about is in it
as commitments only, so a receipt tells nobody's name.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from audit.checkpoint import Checkpoint, NoteKey
from audit.entry import Entry, parse_leaf
from audit.errors import AuditFault, CannotRead, ExportError, NoteError, UnknownSigner
from audit.key_list import KnownKey, known, open_signed
from audit.log import CheckpointRow, LogReader, stored_nodes
from audit.merkle import HASH_BYTES, inclusion_proof, leaf_hash, verify_inclusion
from audit.pruning import PRUNED

TITLE = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"
_CAP = 2 * 1024 * 1024  # bytes
_INDEX = re.compile(r"0|[1-9][0-9]{0,18}")

Reason = Literal[
    "unsigned",  # none of the keys given has signed the checkpoint
    "checkpoint-false",  # a key given has a line under it that is not its own
    "not-in-log",  # the hashes do not lead from the entry to the signed root
    "entry-malformed",  # it is in the log, and is no entry
]


@dataclass(frozen=True)
class Receipt:
    """One entry's receipt. `entry` is the leaf, `path` the hashes from the lowest up."""

    index: int
    entry: bytes
    path: tuple[bytes, ...]
    note: bytes

    def to_bytes(self) -> bytes:
        """The file."""
        lines = [TITLE, f"extra {_b64(self.entry)}", f"index {self.index}", *map(_b64, self.path)]
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.note


@dataclass(frozen=True)
class ReceiptHolds:
    """The entry is in the log that the checkpoint states; `signed_by` are the keys given."""

    entry: Entry
    checkpoint: Checkpoint
    signed_by: tuple[NoteKey, ...]


@dataclass(frozen=True)
class ReceiptFails:
    """It proves nothing, and why."""

    reason: Reason
    message: str


def make_receipt(reader: LogReader, index: int, checkpoint: CheckpointRow | None) -> Receipt:
    """The receipt of one entry under a checkpoint that covers it. Raises ExportError."""
    size = reader.head().n
    if not 0 <= index < size:
        raise ExportError(f"the log has no entry {index}; it has {size}, counted from 0")
    if checkpoint is None or checkpoint.n <= index:
        raise ExportError(f"entry {index} is not sealed yet; seal the log and try again")
    try:
        row = next(reader.leaves(index, index + 1))
        path = inclusion_proof(index, checkpoint.n, stored_nodes(reader))
    except (StopIteration, AuditFault) as fault:
        raise ExportError(f"the log has lost what proves entry {index}: {fault}") from fault
    if row.entry == PRUNED:
        raise ExportError(
            f"entry {index} was pruned by decision; a receipt given before that still holds"
        )
    return Receipt(index, row.entry, tuple(path), checkpoint.note)


def parse_receipt(data: bytes) -> Receipt:
    """The receipt in a file. Raises CannotRead."""
    if len(data) > _CAP:
        raise CannotRead("a receipt is never that large")
    above, blank, note = data.partition(b"\n\n")
    try:
        title, *lines = above.decode("ascii").split("\n")
    except UnicodeDecodeError:
        title, lines = "", []
    if title != TITLE or not blank:
        raise CannotRead(f"it is no receipt: the first line of one is {TITLE}")
    if len(lines) < 2 or not lines[0].startswith("extra "):
        raise CannotRead("the receipt lacks its entry; ask for it anew")
    said = lines[1].removeprefix("index ")
    if said == lines[1] or not _INDEX.fullmatch(said):
        raise CannotRead("the receipt lacks the index of its entry; ask for it anew")
    path = tuple(_unb64(line) for line in lines[2:])
    if any(len(item) != HASH_BYTES for item in path):
        raise CannotRead("a hash in the receipt is not 32 bytes; ask for it anew")
    return Receipt(int(said), _unb64(lines[0].removeprefix("extra ")), path, note)


def check_receipt(
    receipt: Receipt, keys: Iterable[NoteKey | KnownKey]
) -> ReceiptHolds | ReceiptFails:
    """Whether the entry is in the log that the keys have signed. Nothing else is trusted."""
    try:
        checkpoint, opened = open_signed(receipt.note, known(keys))
    except UnknownSigner as fault:
        return ReceiptFails("unsigned", str(fault))
    except NoteError as fault:
        return ReceiptFails("checkpoint-false", str(fault))
    digest = leaf_hash(receipt.entry)
    index, size = receipt.index, checkpoint.size
    if not verify_inclusion(digest, index, size, receipt.path, checkpoint.root):
        message = f"the hashes do not lead from the entry to the root of the {size} signed entries"
        return ReceiptFails("not-in-log", message)
    try:
        entry = parse_leaf(receipt.entry)
    except AuditFault as fault:
        return ReceiptFails("entry-malformed", str(fault))
    if entry.n != index:
        message = f"what is in the log at {index} says that it is entry {entry.n}"
        return ReceiptFails("entry-malformed", message)
    return ReceiptHolds(entry, checkpoint, opened.signed_by)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unb64(text: str) -> bytes:
    try:
        data = base64.b64decode(text.encode(), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or _b64(data) != text:
        raise CannotRead("a line of the receipt is not base64; ask for it anew")
    return data
