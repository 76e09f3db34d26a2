"""Sign the log as it stands, and keep the checkpoint where readers find it.

The signer's keys and memory are its own; this hands it a reading of the log and stores what it
signed. A refusal is shown to whoever runs it, and nothing is stored.
"""

from __future__ import annotations

from datetime import datetime

from app.flows.urgent_entries import has_urgent_entry
from app.records.audit_log import StoredLog, save_checkpoint
from app.records.store import Store
from audit.log import CheckpointRow
from audit.signer import Refused, Signed
from audit.signer_keys import SignerFiles

ENTRIES = 256
"""As many new entries are signed at once, however short the time since the last checkpoint."""


def needs_seal(signed: int, *, overdue: bool, at: datetime, store: Store) -> bool:
    """Whether the log should be signed now, `signed` entries having been signed before.

    `overdue`: the time that it may go unsigned has passed. A log that has shrunk is always due,
    because the signer must see it.
    """
    with store.look(at=at) as tx:
        new = StoredLog(tx).head().n - signed
        return new < 0 or new >= ENTRIES or (new > 0 and (overdue or has_urgent_entry(tx, signed)))


def seal_log(signer: SignerFiles, *, at: datetime, store: Store) -> Signed | Refused:
    """Sign what has come since the last checkpoint. Signing again without growth stores nothing."""
    with store.look(at=at) as tx:
        outcome = signer.sign(StoredLog(tx), at)
    if isinstance(outcome, Signed) and outcome.checkpoint.size > 0:
        with store.begin(at=at) as tx:
            save_checkpoint(
                tx,
                CheckpointRow(
                    n=outcome.checkpoint.size,
                    root=outcome.checkpoint.root,
                    note=outcome.note,
                    at=outcome.at,
                ),
            )
    return outcome
