"""Have witnesses countersign the newest checkpoint, and keep what they sign.

They are asked at the same time, and no act waits for them: a witness that does not answer costs
the trail its mark, and nothing else. One that has seen another history than ours is told aloud.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from app.records.audit_log import StoredLog, checkpoint_at, latest_checkpoint
from app.records.cosignature import cosigned_sizes, put_cosignature, sizes_signed_by
from app.records.store import Store
from app.records.transaction import Transaction
from audit.errors import AuditFault
from audit.key_list import LogKeys, known, open_signed
from audit.log import stored_nodes
from audit.merkle import consistency_proof
from audit.witnessing import Cosigned, NotCosigned, WitnessAt, Witnesses, ask_witness

WAIT_SECONDS = 5.0
"""For one witness to answer."""
_CANDIDATES = 3
"""Checkpoints that are looked at for a quorum whose signatures hold."""


@dataclass(frozen=True)
class Witnessing:
    """One round: how many entries, who signed, and why the others did not."""

    size: int
    signed: tuple[str, ...]
    refused: tuple[NotCosigned, ...]


def witness_log(witnesses: Witnesses, *, at: datetime, store: Store) -> Witnessing | None:
    """Ask those who have not signed the newest checkpoint; None if there is nobody to ask."""
    with store.look(at=at) as tx:
        newest = latest_checkpoint(tx)
        names = [one.key.name for one in witnesses.known]
        before = cosigned_sizes(tx, names)
    if newest is None:
        return None
    waiting = [one for one in witnesses.known if before.get(one.key.name, 0) < newest.n]
    if not waiting:
        return None

    def ask(witness: WitnessAt) -> Cosigned | NotCosigned:
        return ask_witness(
            witness,
            newest.note,
            old=before.get(witness.key.name, 0),
            prove=lambda old, new: _proof(old, new, at=at, store=store),
            wait_seconds=WAIT_SECONDS,
        )

    with ThreadPoolExecutor(max_workers=len(waiting)) as asking:
        answers = list(asking.map(ask, waiting))
    signed = [one for one in answers if isinstance(one, Cosigned)]
    if signed:
        with store.begin(at=at) as tx:
            for one in signed:
                put_cosignature(tx, newest.n, one.line.name, one.line.text(), at=at)
    return Witnessing(
        newest.n,
        tuple(one.line.name for one in signed),
        tuple(one for one in answers if isinstance(one, NotCosigned)),
    )


def witnessed_size(tx: Transaction, log_keys: LogKeys, witnesses: Witnesses) -> int:
    """How many entries a quorum of witnesses has signed for, their signatures checked; else 0."""
    names = [one.key.name for one in witnesses.known]
    if not names or witnesses.quorum < 1:
        return 0
    keys = [*known(log_keys), *known([one.key for one in witnesses.known])]
    for size in sizes_signed_by(tx, names, witnesses.quorum, most=_CANDIDATES):
        row = checkpoint_at(tx, size)
        try:
            checkpoint, opened = open_signed(row.note if row else b"", keys)
        except AuditFault:
            continue
        if len({key.name for key in opened.signed_by} & set(names)) >= witnesses.quorum:
            return checkpoint.size
    return 0


def witnessed_to(tx: Transaction, log_keys: LogKeys, witnesses: Witnesses) -> int | None:
    """As `witnessed_size`; None where no witness is asked, so that none is waited for."""
    return witnessed_size(tx, log_keys, witnesses) if witnesses.quorum else None


def _proof(old: int, new: int, *, at: datetime, store: Store) -> Sequence[bytes]:
    if old > new:
        return ()
    with store.look(at=at) as tx:
        return consistency_proof(old, new, stored_nodes(StoredLog(tx)))
