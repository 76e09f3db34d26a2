"""Open the sealed details of entries, with the keys of those they belong to."""

from __future__ import annotations

from collections.abc import Mapping

from app.keys import CaseKey, Ring, SealBroken
from audit.entry import Field, OpenedDetail, read_sealed_form
from audit.errors import AuditFault
from audit.export import Unopened
from audit.log import DetailRow


def open_detail(row: DetailRow, ring: Ring, keys: Mapping[str, CaseKey]) -> OpenedDetail | Unopened:
    """One detail, or why it is not given: sealed by another than these keys, or damaged.

    `keys` are the case keys at hand, by key id.
    """
    case_key = keys.get(row.key_id)
    if case_key is None and not ring.holds(row.key_id):
        return "withheld"
    try:
        plain = (
            case_key.open_detail(row.field, row.id, row.key_id, row.body)
            if case_key
            else ring.open_detail(row.field, row.id, row.key_id, row.body)
        )
        return read_sealed_form(plain)
    except (SealBroken, AuditFault):
        return "damaged"


def opened_only(
    rows: Mapping[Field, DetailRow], ring: Ring, keys: Mapping[str, CaseKey]
) -> dict[Field, OpenedDetail]:
    """Those of an entry's details that open."""
    opened = {name: open_detail(row, ring, keys) for name, row in rows.items()}
    return {name: one for name, one in opened.items() if isinstance(one, OpenedDetail)}
