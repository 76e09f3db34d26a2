"""Sign the log as it stands, and keep the checkpoint where readers find it.

The signer's key and memory are its own; this hands it a reading of the log and stores what it
signed. A refusal is shown to whoever runs it, and nothing is stored.
"""

from __future__ import annotations

from datetime import datetime

from app.records.audit_log import StoredLog, save_checkpoint
from app.records.store import Store
from audit.checkpoint import SigningKey
from audit.log import CheckpointRow
from audit.signer import Refused, Signed, SignerState, sign_once


def seal_log(
    key: SigningKey, state: SignerState, *, at: datetime, store: Store
) -> Signed | Refused:
    """Sign what has come since the last checkpoint. Signing again without growth stores nothing."""
    with store.look(at=at) as tx:
        outcome = sign_once(StoredLog(tx), state, key, at)
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
