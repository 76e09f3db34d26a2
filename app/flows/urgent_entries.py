"""Which entries the signer does not wait five seconds for.

What was done on somebody's own responsibility and what leaves in an export should be cut out of the
log by nobody, so it is signed within half a second.
"""

from __future__ import annotations

from typing import Final

from app.records.audit_view import has_entry_since
from app.records.transaction import Transaction

URGENT_OPS: Final = ("emergency.opened", "emergency.confirmed", "export.written", "trail.exported")


def has_urgent_entry(tx: Transaction, since: int) -> bool:
    """Whether one of them stands at `since` or later. One query."""
    return has_entry_since(tx, since, ops=URGENT_OPS, res=("override",))
