"""What every table shares: the one metadata, the column types, and the tie to the log.

Tables live one noun a file and import `metadata` from here; `all_tables` names those files, so
that a migration or a test that wants the whole schema has it.
"""

from __future__ import annotations

import importlib
from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Integer, MetaData, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

TABLE_FILES = (
    "account",
    "answer",
    "approval",
    "audit_log",
    "audit_view",
    "case",
    "consent",
    "cosignature",
    "declared_relation",
    "delegation",
    "delivery",
    "disclosure",
    "disclosure_letter",
    "emergency",
    "export_job",
    "known_device",
    "log_key",
    "note",
    "once",
    "organisation",
    "organisation_key",
    "pack_activation",
    "pack_proposal",
    "protection_lowering",
    "purge_proposal",
    "refusal",
    "review_round",
    "role_grant",
    "rule_pack",
    "session",
    "signal_answer",
    "staff",
    "subject",
    "throttle",
    "timestamp",
    "training_certificate",
)
"""Modules of this package that define tables. Add the name of a new one here."""

UNLOGGED_TABLES: dict[str, str] = {}
"""Tables that may change without an entry, each with the reason. Filled by `unlogged`."""


class UtcTime(TypeDecorator[datetime]):
    """A point in time: aware UTC in Python, microseconds, refused if it has no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite has no zone, so the text stored there is always UTC and sorts by time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a zone; hand in aware UTC")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Aware UTC, whatever zone the server answered in."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


ID = String(36)
"""A UUIDv7 as text, or a short fixed word such as `installation`."""

INDEX = BigInteger().with_variant(Integer(), "sqlite")
"""A place in the log, from 0. In SQLite only `INTEGER` makes a key that needs no second tree."""


def id_column() -> Column[str]:
    """The primary key of most tables."""
    return Column("id", ID, primary_key=True)


def entry_column(name: str = "audit_id", *, nullable: bool = False) -> Column[str]:
    """The id of the log entry that tells how the row came to be.

    Deferred, because the entry is written last in the transaction: a row whose entry was never
    written cannot be committed.
    """
    return Column(
        name,
        ID,
        ForeignKey("audit_leaf.id", deferrable=True, initially="DEFERRED"),
        nullable=nullable,
        # When the entry is written, SQLite looks in every table for rows that wait for it. Without
        # an index it reads each of them whole, so every act would slow down as the tables grow.
        index=True,
    )


def unlogged(table: str, *, because: str) -> None:
    """Let `table` change without an entry. The reason is read by reviewers."""
    UNLOGGED_TABLES[table] = because


def all_tables() -> MetaData:
    """The metadata with every table of the package in it."""
    for name in TABLE_FILES:
        importlib.import_module(f"app.records.{name}")
    return metadata
