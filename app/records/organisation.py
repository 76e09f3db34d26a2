"""Organisations of the installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Integer, Row, String, Table, insert, select

from app.domain.organisation import LONGEST_UNDO_SECONDS, Organisation, Period
from app.records.schema import entry_column, id_column, metadata
from app.records.transaction import Transaction

organisation = Table(
    "organisation",
    metadata,
    id_column(),
    Column("name", String(200), nullable=False, unique=True),
    Column("kind", String(40), nullable=False),
    Column("authority_id", String(36), nullable=False, index=True),
    Column("authority_name", String(200), nullable=False),
    Column("municipality", String(100), nullable=False),
    Column("controller", String(200), nullable=False),
    # Read whole with the row and asked about by no query, so they need no tables of their own.
    Column("authority_periods", JSON(none_as_null=True), nullable=False),
    Column("own_secrecy", JSON(none_as_null=True), nullable=False),
    Column("undo_seconds", Integer, nullable=False),
    entry_column(),
    CheckConstraint(f"undo_seconds BETWEEN 0 AND {LONGEST_UNDO_SECONDS}", name="undo_seconds"),
)


def insert_organisation(tx: Transaction, new: Organisation, *, entry_id: str) -> None:
    """Add an organisation."""
    tx.execute(
        insert(organisation).values(
            id=new.id,
            name=new.name,
            kind=new.kind,
            authority_id=new.authority_id,
            authority_name=new.authority_name,
            municipality=new.municipality,
            controller=new.controller,
            authority_periods=[_stored(period) for period in new.authority_periods],
            own_secrecy=list(new.own_secrecy),
            undo_seconds=new.undo_seconds,
            audit_id=entry_id,
        )
    )


def organisation_of(tx: Transaction, organisation_id: str) -> Organisation | None:
    """The organisation with that id. One query."""
    row = tx.execute(select(organisation).where(organisation.c.id == organisation_id)).first()
    return None if row is None else from_row(row)


def all_organisations(tx: Transaction) -> tuple[Organisation, ...]:
    """Every organisation, by name. One query."""
    rows = tx.execute(select(organisation).order_by(organisation.c.name))
    return tuple(from_row(row) for row in rows)


def from_row(row: Row[Any]) -> Organisation:
    """The value of a row that holds every column of the table."""
    return Organisation(
        id=row.id,
        name=row.name,
        kind=row.kind,
        authority_id=row.authority_id,
        authority_name=row.authority_name,
        municipality=row.municipality,
        controller=row.controller,
        authority_periods=_periods(row.authority_periods),
        own_secrecy=tuple(row.own_secrecy),
        undo_seconds=row.undo_seconds,
    )


def _stored(period: Period) -> dict[str, str | None]:
    until = period.valid_until
    return {"from": period.valid_from.isoformat(), "until": until.isoformat() if until else None}


def _periods(stored: Sequence[Mapping[str, str | None]]) -> tuple[Period, ...]:
    return tuple(
        Period(
            valid_from=date.fromisoformat(str(period["from"])),
            valid_until=date.fromisoformat(period["until"]) if period["until"] else None,
        )
        for period in stored
    )
