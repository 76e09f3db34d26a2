"""Rule packs kept whole, by the hash of their files, so that old decisions stay explainable.

A pack is never changed or deleted: the one it became is another, under another hash. Only what the
hash itself vouches for can be put back.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping

from sqlalchemy import Column, LargeBinary, String, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.records.errors import StoreFault
from app.records.schema import UtcTime, entry_column, metadata
from app.records.transaction import Transaction

LARGEST_PACK_BYTES = 32 * 1024 * 1024
"""Far above any pack; what claims to be more has been put there to fill the memory."""


class PackUnreadable(StoreFault):
    """What is kept under a pack's hash is no pack at all."""


rule_pack = Table(
    "rule_pack",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("pack_id", String(60), nullable=False),
    Column("version", String(40), nullable=False),
    Column("rules_sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("kept_at", UtcTime, nullable=False),
    entry_column(),
)


def insert_pack(
    tx: Transaction,
    contents: Mapping[str, bytes],
    *,
    sha256: str,
    pack_id: str,
    version: str,
    rules_sha256: str,
    entry_id: str,
) -> None:
    """Keep a pack's files. Two starts at once keep one."""
    new = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    tx.execute(
        new(rule_pack)
        .values(
            sha256=sha256,
            pack_id=pack_id,
            version=version,
            rules_sha256=rules_sha256,
            content=_packed(contents),
            kept_at=tx.at,
            audit_id=entry_id,
        )
        .on_conflict_do_nothing(index_elements=["sha256"])
    )


def replace_contents(
    tx: Transaction, contents: Mapping[str, bytes], *, sha256: str, entry_id: str
) -> None:
    """Put back the files of a kept pack. The caller has seen that they have that hash."""
    tx.execute(
        update(rule_pack)
        .where(rule_pack.c.sha256 == sha256)
        .values(content=_packed(contents), audit_id=entry_id)
    )


def _packed(contents: Mapping[str, bytes]) -> bytes:
    text = json.dumps({name: data.decode() for name, data in sorted(contents.items())})
    return zlib.compress(text.encode(), 9)


def pack_is_kept(tx: Transaction, sha256: str) -> bool:
    """Whether the pack is there. One query."""
    return (
        tx.execute(select(rule_pack.c.sha256).where(rule_pack.c.sha256 == sha256)).first()
        is not None
    )


def kept_pack(tx: Transaction, sha256: str) -> dict[str, bytes] | None:
    """The files of a kept pack, by path. Whether they are what the hash says, the reader checks.

    Raises PackUnreadable where they cannot even be unpacked.
    """
    row = tx.execute(select(rule_pack.c.content).where(rule_pack.c.sha256 == sha256)).one_or_none()
    if row is None:
        return None
    try:
        unpacked = zlib.decompressobj()
        text = unpacked.decompress(row.content, LARGEST_PACK_BYTES)
        files = json.loads(text if unpacked.eof else b"")
        return {str(name): str(text).encode() for name, text in files.items()}
    except (zlib.error, ValueError, AttributeError) as error:
        raise PackUnreadable(f"the kept pack {sha256} is damaged") from error
