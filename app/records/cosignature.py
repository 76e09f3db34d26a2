"""Signatures of witnesses on checkpoints, as given. Whether they hold, the reader checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Column, ForeignKey, String, Table, Text, func, select
from sqlalchemy.dialects import postgresql, sqlite

from app.records.schema import INDEX, UtcTime, metadata, unlogged

if TYPE_CHECKING:
    from app.records.transaction import Transaction

checkpoint_cosignature = Table(
    "checkpoint_cosignature",
    metadata,
    Column("n", INDEX, ForeignKey("audit_checkpoint.n"), primary_key=True, autoincrement=False),
    Column("witness", String(255), primary_key=True),
    Column("line", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)
unlogged(
    "checkpoint_cosignature",
    because="a witness's signature on the log as it stands; an entry about it would need another",
)


def put_cosignature(tx: Transaction, n: int, witness: str, line: str, *, at: datetime) -> None:
    """Keep a witness's signature line on the checkpoint of `n` entries. The first one stays."""
    put = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    values = {"n": n, "witness": witness, "line": line, "at": at}
    tx.execute(put(checkpoint_cosignature).values(**values).on_conflict_do_nothing())


def cosignature_lines(tx: Transaction, first: int, last: int) -> dict[int, str]:
    """By size, from the first to the last of these, the lines of all witnesses, end to end."""
    columns = checkpoint_cosignature.c
    asked = (
        select(columns.n, columns.line)
        .where(columns.n >= first, columns.n <= last)
        .order_by(columns.n, columns.witness)
    )
    found: dict[int, str] = {}
    for row in tx.execute(asked):
        found[row.n] = found.get(row.n, "") + row.line
    return found


def cosigned_sizes(tx: Transaction, witnesses: Sequence[str]) -> Mapping[str, int]:
    """By witness, the size of the largest checkpoint that it has signed. One query."""
    columns = checkpoint_cosignature.c
    asked = (
        select(columns.witness, func.max(columns.n).label("n"))
        .where(columns.witness.in_(witnesses))
        .group_by(columns.witness)
    )
    return {row.witness: row.n for row in tx.execute(asked)}


def sizes_signed_by(
    tx: Transaction, witnesses: Sequence[str], quorum: int, *, most: int
) -> list[int]:
    """The largest sizes with lines by at least `quorum` of the witnesses. One query."""
    columns = checkpoint_cosignature.c
    asked = (
        select(columns.n)
        .where(columns.witness.in_(witnesses))
        .group_by(columns.n)
        .having(func.count() >= quorum)
        .order_by(columns.n.desc())
        .limit(most)
    )
    return list(tx.execute(asked).scalars())
