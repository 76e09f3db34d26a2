"""Whether one entry may be called verified: what the check mark on a page means.

It means that the entry's leaf is in the log that the latest signed checkpoint states, and that
actor, object and detail were opened and are those the leaf was committed to. Nothing less.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from audit.checkpoint import Checkpoint, VerifierKey, open_checkpoint
from audit.entry import FIELDS, Entry, Field, OpenedDetail, commitment, parse_leaf
from audit.errors import AuditFault, NoteError
from audit.log import LogReader, stored_nodes
from audit.merkle import inclusion_proof, leaf_hash, verify_inclusion

Reason = Literal[
    "not-sealed-yet",  # the checkpoint is older than the entry
    "checkpoint-false",  # malformed, or not signed by the key
    "leaf-malformed",
    "not-in-log",  # the proof does not lead from this leaf to the signed root
    "actor-missing",
    "object-missing",
    "detail-missing",
    "actor-changed",
    "object-changed",
    "detail-changed",
    "index-differs",  # the entry holds, and what a reader's own index says of it is something else
    "index-lacks",  # the entry holds, and a reader's own index says nothing of it
    "entry-broken",  # the entry, or a part of it, is not as it was written
]


@dataclass(frozen=True)
class InclusionProof:
    """That the leaf at `index` is in the tree of `size`; the hashes from the lowest up."""

    index: int
    size: int
    path: Sequence[bytes]


def prove(reader: LogReader, index: int, size: int) -> InclusionProof:
    """The proof for one entry, from stored nodes. Raises TreeError or EntryError (node missing)."""
    return InclusionProof(index, size, inclusion_proof(index, size, stored_nodes(reader)))


@dataclass(frozen=True)
class Checked:
    """Verified. `sealed_at` is the size of the checkpoint that covers the entry."""

    entry: Entry
    sealed_at: int


@dataclass(frozen=True)
class NotChecked:
    """Not verified, and why."""

    reason: Reason


def check_entry(
    leaf: bytes,
    details: Mapping[Field, OpenedDetail],
    proof: InclusionProof,
    checkpoint: bytes,
    keys: Iterable[VerifierKey],
) -> Checked | NotChecked:
    """`leaf` is the stored entry, `checkpoint` the latest signed note, `keys` who may sign it.

    For many entries under one checkpoint, open it once and use `check_under`.
    """
    try:
        opened = open_checkpoint(checkpoint, keys)
    except NoteError:
        return NotChecked("checkpoint-false")
    return check_under(leaf, details, proof, opened)


def check_under(
    leaf: bytes,
    details: Mapping[Field, OpenedDetail],
    proof: InclusionProof,
    checkpoint: Checkpoint,
    *,
    erased: Collection[Field] = (),
) -> Checked | NotChecked:
    """As `check_entry`, with a checkpoint whose signature has been verified already.

    `erased` are fields that an erasure entry accounts for: they may be missing, never different.
    """
    try:
        entry = parse_leaf(leaf)
    except AuditFault:
        return NotChecked("leaf-malformed")
    if entry.n >= checkpoint.size:
        return NotChecked("not-sealed-yet")
    if (proof.index, proof.size) != (entry.n, checkpoint.size) or not verify_inclusion(
        leaf_hash(leaf), entry.n, checkpoint.size, proof.path, checkpoint.root
    ):
        return NotChecked("not-in-log")
    return _compare(entry, details, erased) or Checked(entry, checkpoint.size)


_MISSING: dict[Field, Reason] = {
    "actor": "actor-missing",
    "object": "object-missing",
    "detail": "detail-missing",
}
_CHANGED: dict[Field, Reason] = {
    "actor": "actor-changed",
    "object": "object-changed",
    "detail": "detail-changed",
}


def _compare(
    entry: Entry, details: Mapping[Field, OpenedDetail], erased: Collection[Field]
) -> NotChecked | None:
    for name in FIELDS:
        opened = details.get(name)
        if opened is None and name in erased:
            continue
        if opened is None:
            return NotChecked(_MISSING[name])
        if commitment(name, opened) != entry.commitment(name):
            return NotChecked(_CHANGED[name])
    return None
