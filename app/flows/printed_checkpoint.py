"""The newest checkpoint as it is printed on a report, so that paper holds the log too.

Size and root in full, and the signatures that can be typed in again. One under ML-DSA-44 is three
thousand characters and is only named; an export holds it whole.
"""

from __future__ import annotations

from app.records.audit_log import latest_checkpoint
from app.records.transaction import Transaction
from audit.checkpoint import DASH, SignatureLine, split_note
from audit.errors import NoteError

_TYPED_BYTES = 72
"""The longest signature printed in full: an Ed25519 one with a time before it."""
_SHOWN = 6
"""Characters of a longer one: enough to hold the id of its key."""


def printed_checkpoint(tx: Transaction) -> str:
    """Its lines, empty where the log has none yet; one that cannot be read is printed as it is."""
    newest = latest_checkpoint(tx)
    if newest is None:
        return ""
    try:
        text, lines = split_note(newest.note)
    except NoteError:
        return newest.note.decode("utf-8", "replace")
    return text + "\n" + "".join(_line(line) for line in lines)


def _line(line: SignatureLine) -> str:
    whole = line.text()
    if len(line.signature) <= _TYPED_BYTES:
        return whole
    return whole[: len(DASH) + len(line.name) + 1 + _SHOWN] + "…\n"
