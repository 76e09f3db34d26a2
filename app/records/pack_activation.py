"""Which rule pack is in use, and every one that has been, in the order they were activated.

The pack in use is a row of its own that is changed, so that whoever holds it sees a change that
was waited for; the activations are never changed or deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    ScalarSelect,
    String,
    Table,
    insert,
    select,
    update,
)

from app.records.audit_log import audit_leaf
from app.records.rule_pack import rule_pack
from app.records.schema import ID, UtcTime, entry_column, metadata
from app.records.transaction import Transaction
from audit.entry import parse_leaf
from audit.errors import AuditFault

MOST_LISTED = 50
ACTIVATED = ("pack.first_activated", "pack.activated")
"""Kinds of entries that tell of a pack taken in use; their `pol` is its hash."""
_ONLY = 1

pack_activation = Table(
    "pack_activation",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("sha256", String(64), ForeignKey("rule_pack.sha256"), nullable=False),
    Column("activated_at", UtcTime, nullable=False),
    # Null, both: the pack that the installation began with.
    Column("proposed_by", ID, ForeignKey("staff.id")),
    Column("activated_by", ID, ForeignKey("staff.id")),
    entry_column(),
    # A second wall: the flow refuses it first.
    CheckConstraint("activated_by <> proposed_by", name="two_persons"),
    CheckConstraint(
        "(activated_by IS NULL) = (n = 0) AND (proposed_by IS NULL) = (n = 0)",
        name="first_by_nobody",
    ),
)

pack_in_use = Table(
    "pack_in_use",
    metadata,
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, ForeignKey("pack_activation.n"), nullable=False),
    Column("sha256", String(64), ForeignKey("rule_pack.sha256"), nullable=False),
    entry_column(),
    CheckConstraint("place = 1", name="one_row"),
)


@dataclass(frozen=True, kw_only=True)
class PackActivation:
    """One pack taken in use. `activated_by` is None for the one that the installation began with.

    Times are aware UTC.
    """

    n: int
    sha256: str
    version: str
    activated_at: datetime
    proposed_by: str | None
    activated_by: str | None


def hash_in_use() -> ScalarSelect[str]:
    """What stands as the pack in use, as a part of another question. Not vouched for by the log."""
    return select(pack_in_use.c.sha256).where(pack_in_use.c.place == _ONLY).scalar_subquery()


def noted_hash(tx: Transaction) -> str | None:
    """What stands as the pack in use; None where none does. One query, by key."""
    return tx.execute(
        select(pack_in_use.c.sha256).where(pack_in_use.c.place == _ONLY)
    ).scalar_one_or_none()


def pack_hash_in_use(tx: Transaction, *, hold: bool = False) -> str | None:
    """The hash of the pack in use, if the log tells that it was activated. One query, by key.

    None where no pack is in use, or where the row says another pack than its entry. With `hold` no
    other pack is activated before the transaction ends.
    """
    asked = (
        select(pack_in_use.c.sha256, audit_leaf.c.entry)
        .join(audit_leaf, audit_leaf.c.id == pack_in_use.c.audit_id)
        .where(pack_in_use.c.place == _ONLY)
    )
    row = tx.execute(
        asked.with_for_update(read=True, of=pack_in_use) if hold else asked
    ).one_or_none()
    return None if row is None or not _tells(bytes(row.entry), row.sha256) else str(row.sha256)


def _tells(leaf: bytes, sha256: str) -> bool:
    """Whether an entry tells of the activation of that very pack."""
    try:
        entry = parse_leaf(leaf)
    except AuditFault:
        return False
    return entry.op in ACTIVATED and entry.res == "allow" and entry.pol == sha256


def hold_activation(tx: Transaction) -> tuple[int, str] | None:
    """Place and hash of the pack in use, held so that one activation comes after another."""
    row = tx.execute(
        select(pack_in_use.c.n, pack_in_use.c.sha256)
        .where(pack_in_use.c.place == _ONLY)
        .with_for_update()
    ).one_or_none()
    return None if row is None else (int(row.n), str(row.sha256))


def insert_activation(
    tx: Transaction,
    sha256: str,
    *,
    n: int,
    proposed_by: str | None,
    activated_by: str | None,
    entry_id: str,
) -> None:
    """Take a kept pack in use from now on. `n` is 0 for the first and one more for each after.

    Raises StoreConflict if somebody else has activated one in that place.
    """
    tx.execute(
        insert(pack_activation).values(
            n=n,
            sha256=sha256,
            activated_at=tx.at,
            proposed_by=proposed_by,
            activated_by=activated_by,
            audit_id=entry_id,
        )
    )
    values = {"n": n, "sha256": sha256, "audit_id": entry_id}
    if n == 0:
        tx.execute(insert(pack_in_use).values(place=_ONLY, **values))
    else:
        tx.execute(update(pack_in_use).where(pack_in_use.c.place == _ONLY).values(**values))


def activations(tx: Transaction) -> tuple[PackActivation, ...]:
    """The latest activations, newest first. One query."""
    rows = tx.execute(
        select(
            pack_activation.c.n,
            pack_activation.c.sha256,
            rule_pack.c.version,
            pack_activation.c.activated_at,
            pack_activation.c.proposed_by,
            pack_activation.c.activated_by,
        )
        .join(rule_pack, rule_pack.c.sha256 == pack_activation.c.sha256)
        .order_by(pack_activation.c.n.desc())
        .limit(MOST_LISTED)
    )
    return tuple(PackActivation(**row._mapping) for row in rows)
