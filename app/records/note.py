"""Notes and their versions. A correction adds a version; nothing is overwritten."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    and_,
    func,
    insert,
    select,
)

from app.records.schema import UtcTime, entry_column, metadata
from app.records.transaction import Transaction

note = Table(
    "note",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("case_id", String(36), ForeignKey("case_file.id"), nullable=False),
    Column("organisation_id", String(36), ForeignKey("organisation.id"), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    entry_column(),
    Index("note_by_case", "case_id"),
)

note_version = Table(
    "note_version",
    metadata,
    Column("note_id", String(36), ForeignKey("note.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("organisation_id", String(36), ForeignKey("organisation.id"), nullable=False),
    Column("author_id", String(36), ForeignKey("staff.id"), nullable=False),
    Column("written_at", UtcTime, nullable=False),
    Column("suite", Integer, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("ct_hash", String(64), nullable=False),
    Column("wraps_hash", String(64), nullable=False),
    entry_column(),
)


@dataclass(frozen=True, kw_only=True)
class StoredNote:
    """One sealed note version. `body` is None where only heads were asked for."""

    note_id: str
    case_id: str
    version: int
    organisation_id: str
    author_id: str
    written_at: datetime
    suite: int
    wrapped_key: bytes
    commitment: bytes
    head: bytes
    body: bytes | None
    ct_hash: str
    wraps_hash: str


def insert_note(
    tx: Transaction,
    *,
    note_id: str,
    case_id: str,
    organisation_id: str,
    at: datetime,
    entry_id: str,
) -> None:
    """Add a note without versions; its first version follows in the same transaction."""
    tx.execute(
        insert(note).values(
            id=note_id,
            case_id=case_id,
            organisation_id=organisation_id,
            made_at=at,
            audit_id=entry_id,
        )
    )


def insert_version(tx: Transaction, stored: StoredNote, *, entry_id: str) -> None:
    """Add one version. The primary key refuses two versions by the same number."""
    tx.execute(
        insert(note_version).values(
            note_id=stored.note_id,
            version=stored.version,
            organisation_id=stored.organisation_id,
            author_id=stored.author_id,
            written_at=stored.written_at,
            suite=stored.suite,
            wrapped_key=stored.wrapped_key,
            commitment=stored.commitment,
            head=stored.head,
            body=stored.body,
            ct_hash=stored.ct_hash,
            wraps_hash=stored.wraps_hash,
            audit_id=entry_id,
        )
    )


def _versions(*, bodies: bool) -> Select[tuple[object, ...]]:
    columns = [
        note_version.c[name]
        for name in (
            "note_id",
            "version",
            "organisation_id",
            "author_id",
            "written_at",
            "suite",
            "wrapped_key",
            "commitment",
            "head",
            "ct_hash",
            "wraps_hash",
        )
    ]
    if bodies:
        columns.append(note_version.c.body)
    return select(note.c.case_id, *columns).join(note, note.c.id == note_version.c.note_id)


def newest_heads(tx: Transaction, case_ids: Sequence[str]) -> tuple[StoredNote, ...]:
    """The newest version of every note in the cases, no texts, newest note first. One query."""
    newest = (
        select(note_version.c.note_id, func.max(note_version.c.version).label("version"))
        .join(note, note.c.id == note_version.c.note_id)
        .where(note.c.case_id.in_(case_ids))
        .group_by(note_version.c.note_id)
        .subquery()
    )
    rows = tx.execute(
        _versions(bodies=False)
        .join(
            newest,
            and_(
                newest.c.note_id == note_version.c.note_id,
                newest.c.version == note_version.c.version,
            ),
        )
        .order_by(note.c.made_at.desc(), note.c.id.desc())
    )
    return tuple(StoredNote(body=None, **row._mapping) for row in rows)


def newest_head(tx: Transaction, note_id: str) -> StoredNote | None:
    """The newest version of one note, without its text. Who may see it is found before."""
    row = tx.execute(
        _versions(bodies=False)
        .where(note_version.c.note_id == note_id)
        .order_by(note_version.c.version.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else StoredNote(body=None, **row._mapping)


def newest_versions(
    tx: Transaction, case_id: str, note_ids: Sequence[str]
) -> tuple[StoredNote, ...]:
    """Newest versions, texts included, of the named notes that are in the case. One query."""
    newest = (
        select(note_version.c.note_id, func.max(note_version.c.version).label("version"))
        .where(note_version.c.note_id.in_(note_ids))
        .group_by(note_version.c.note_id)
        .subquery()
    )
    rows = tx.execute(
        _versions(bodies=True)
        .join(
            newest,
            and_(
                newest.c.note_id == note_version.c.note_id,
                newest.c.version == note_version.c.version,
            ),
        )
        .where(note.c.case_id == case_id)
        .order_by(note.c.made_at.desc(), note.c.id.desc())
    )
    return tuple(StoredNote(**row._mapping) for row in rows)


def hashes_of_versions(tx: Transaction, note_ids: Collection[str]) -> dict[tuple[str, int], str]:
    """The hash of every version of some notes, by note and number. One query."""
    columns = note_version.c
    asked = select(columns.note_id, columns.version, columns.ct_hash)
    rows = tx.execute(asked.where(columns.note_id.in_(note_ids)))
    return {(row.note_id, row.version): row.ct_hash for row in rows}


def all_versions(tx: Transaction, case_id: str, note_id: str) -> tuple[StoredNote, ...]:
    """Every version of one note, newest first, texts included."""
    rows = tx.execute(
        _versions(bodies=True)
        .where(note.c.case_id == case_id, note_version.c.note_id == note_id)
        .order_by(note_version.c.version.desc())
    )
    return tuple(StoredNote(**row._mapping) for row in rows)


def case_of_note(tx: Transaction, note_id: str, *, organisation_id: str) -> str | None:
    """The id of the case a note of the organisation is in, None if it has no such note."""
    row = tx.execute(
        select(note.c.case_id).where(
            note.c.id == note_id, note.c.organisation_id == organisation_id
        )
    ).one_or_none()
    return None if row is None else str(row.case_id)


def lock_note(tx: Transaction, note_id: str) -> int | None:
    """Lock the note until the transaction ends, and return its newest version's number.

    Two corrections, or a correction and a disclosure, then happen one after the other.
    """
    tx.execute(select(note.c.id).where(note.c.id == note_id).with_for_update())
    row = tx.execute(
        select(func.max(note_version.c.version)).where(note_version.c.note_id == note_id)
    ).one()
    return None if row[0] is None else int(row[0])
