"""Ordered exports, and their parts while they are being written and until they are fetched.

What was ordered is sealed under the organisation's ring, and so is every part: a finished export
that waits to be fetched can be read by nobody who only has the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from app.domain.export_terms import ExportState
from app.records.schema import ID, INDEX, UtcTime, entry_column, id_column, metadata, unlogged
from app.records.transaction import Transaction

Stage = Literal["rows", "beside", "file"]
"""Rows of the log opened for the tables; what goes beside the log; the finished file."""

export_job = Table(
    "export_job",
    metadata,
    id_column(),
    Column("organisation_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("case_id", ID, ForeignKey("case_file.id")),
    Column("terms", LargeBinary, nullable=False),
    Column("state", String(8), nullable=False),
    Column("ordered_by", ID, ForeignKey("staff.id"), nullable=False),
    Column("ordered_at", UtcTime, nullable=False),
    Column("decided_by", ID, ForeignKey("staff.id")),
    Column("decided_at", UtcTime),
    Column("start", INDEX, nullable=False),
    Column("stop", INDEX, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("ready_at", UtcTime),
    entry_column(),
    entry_column("decision_audit_id", nullable=True),
    entry_column("written_audit_id", nullable=True),
    entry_column("ready_audit_id", nullable=True),
    # A second wall: the flow refuses it first.
    CheckConstraint("decided_by IS NULL OR decided_by <> ordered_by", name="two_persons"),
    Index(None, "organisation_id", "ordered_at"),
)

export_part = Table(
    "export_part",
    metadata,
    Column("job_id", ID, ForeignKey("export_job.id"), primary_key=True),
    Column("stage", String(6), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("upto", INDEX, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
unlogged(
    "export_part",
    because="sealed pieces of a released export; its order, release, writing and fetching are told",
)


@dataclass(frozen=True, kw_only=True)
class StoredJob:
    """A job as stored; `terms` are opened with the organisation's ring."""

    id: str
    organisation_id: str
    case_id: str | None
    terms: bytes
    state: ExportState
    ordered_by: str
    ordered_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    start: int = 0
    stop: int = 0
    size: int = 0
    sha256: str = ""
    ready_at: datetime | None = None
    decision_audit_id: str | None = None
    written_audit_id: str | None = None


_COLUMNS = tuple(export_job.c[name] for name in StoredJob.__dataclass_fields__)


def insert_job(tx: Transaction, new: StoredJob, *, entry_id: str) -> None:
    """Keep an order."""
    values = {name: getattr(new, name) for name in StoredJob.__dataclass_fields__}
    tx.execute(insert(export_job).values(**values, audit_id=entry_id))


def jobs_of(tx: Transaction, *, organisation_id: str, most: int = 100) -> tuple[StoredJob, ...]:
    """The organisation's exports, latest order first. One query."""
    rows = tx.execute(
        select(*_COLUMNS)
        .where(export_job.c.organisation_id == organisation_id)
        .order_by(export_job.c.ordered_at.desc(), export_job.c.id.desc())
        .limit(most)
    )
    return tuple(_job(row) for row in rows)


def job_of(
    tx: Transaction, job_id: str, *, organisation_id: str, lock: bool = False
) -> StoredJob | None:
    """One export of the organisation; held for writing until the end when `lock`."""
    asked = select(*_COLUMNS).where(
        export_job.c.id == job_id, export_job.c.organisation_id == organisation_id
    )
    row = tx.execute(asked.with_for_update() if lock else asked).one_or_none()
    return None if row is None else _job(row)


def unfinished_jobs(tx: Transaction) -> tuple[tuple[str, str], ...]:
    """Organisation and id of every export that is released and not ready, oldest first."""
    rows = tx.execute(
        select(export_job.c.organisation_id, export_job.c.id)
        .where(export_job.c.state.in_(("released", "written")))
        .order_by(export_job.c.decided_at, export_job.c.id)
    )
    return tuple((row.organisation_id, row.id) for row in rows)


def jobs_kept(tx: Transaction, *, organisation_id: str | None) -> tuple[StoredJob, ...]:
    """Exports of which something is kept, of one organisation or of all; held until the end."""
    parts = exists().where(export_part.c.job_id == export_job.c.id)
    asked = select(*_COLUMNS).where(parts).order_by(export_job.c.id)
    if organisation_id is not None:
        asked = asked.where(export_job.c.organisation_id == organisation_id)
    return tuple(_job(row) for row in tx.execute(asked.with_for_update()))


def jobs_on_case(tx: Transaction, case_id: str) -> tuple[str, ...]:
    """The exports of one case that have not been refused."""
    asked = select(export_job.c.id).where(
        export_job.c.case_id == case_id, export_job.c.state != "refused"
    )
    return tuple(tx.execute(asked.order_by(export_job.c.id)).scalars())


def decide_job(
    tx: Transaction,
    job_id: str,
    *,
    state: Literal["released", "refused"],
    by: str,
    at: datetime,
    span: tuple[int, int],
    entry_id: str,
) -> None:
    """Release it for writing, or refuse it. `span` are the indices it is to hold."""
    tx.execute(
        update(export_job)
        .where(export_job.c.id == job_id)
        .values(
            state=state,
            decided_by=by,
            decided_at=at,
            start=span[0],
            stop=span[1],
            decision_audit_id=entry_id,
        )
    )


def mark_written(tx: Transaction, job_id: str, *, entry_id: str) -> None:
    """What goes beside the log is made, and this entry tells its hash."""
    tx.execute(
        update(export_job)
        .where(export_job.c.id == job_id)
        .values(state="written", written_audit_id=entry_id)
    )


def begin_again(tx: Transaction, job_id: str, *, entry_id: str) -> None:
    """Forget all that was gathered and made of it, which this entry tells; it is released still."""
    tx.execute(
        update(export_job)
        .where(export_job.c.id == job_id)
        .values(state="released", written_audit_id=entry_id, size=0, sha256="", ready_at=None)
    )
    tx.execute(delete(export_part).where(export_part.c.job_id == job_id))


def mark_ready(
    tx: Transaction, job_id: str, *, size: int, sha256: str, at: datetime, entry_id: str
) -> None:
    """It can be fetched; what it was made of is no longer needed."""
    tx.execute(
        update(export_job)
        .where(export_job.c.id == job_id)
        .values(state="ready", size=size, sha256=sha256, ready_at=at, ready_audit_id=entry_id)
    )
    tx.execute(
        delete(export_part).where(export_part.c.job_id == job_id, export_part.c.stage != "file")
    )


def drop_parts(tx: Transaction, job_id: str, stage: Stage) -> None:
    """Forget the pieces of one stage, before they are written anew."""
    tx.execute(
        delete(export_part).where(export_part.c.job_id == job_id, export_part.c.stage == stage)
    )


def insert_part(
    tx: Transaction,
    job_id: str,
    stage: Stage,
    part: int,
    sealed: bytes,
    *,
    upto: int = 0,
    entries: int = 0,
) -> None:
    """Keep one piece. The same piece cannot be kept twice, so two workers cannot mix theirs."""
    tx.execute(
        insert(export_part).values(
            job_id=job_id, stage=stage, part=part, upto=upto, entries=entries, sealed=sealed
        )
    )


def progress_of(tx: Transaction, job_id: str) -> tuple[int, int, int]:
    """Pieces of rows so far, the index they reach to (0: none yet), and how many entries."""
    row: Any = tx.execute(
        select(
            func.count(export_part.c.part),
            func.coalesce(func.max(export_part.c.upto), 0),
            func.coalesce(func.sum(export_part.c.entries), 0),
        ).where(export_part.c.job_id == job_id, export_part.c.stage == "rows")
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


def parts_of(tx: Transaction, job_id: str, stage: Stage) -> Iterator[tuple[int, bytes]]:
    """The pieces of one stage in order, one query each, so that memory holds one."""
    last = tx.execute(
        select(func.max(export_part.c.part)).where(
            export_part.c.job_id == job_id, export_part.c.stage == stage
        )
    ).scalar_one()
    for part in range(0 if last is None else int(last) + 1):
        sealed = tx.execute(
            select(export_part.c.sealed).where(
                export_part.c.job_id == job_id,
                export_part.c.stage == stage,
                export_part.c.part == part,
            )
        ).scalar_one()
        yield part, bytes(sealed)


def _job(row: Any) -> StoredJob:
    return StoredJob(**row._mapping)
