"""A case by somebody's place in its team, with the entries that let people in and took them out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, and_

from app.records.access_entries import FoundEntry, found_entries
from app.records.audit_log import audit_detail, audit_leaf
from app.records.audit_view import audit_view
from app.records.case import FoundCase, asked_cases, case_file, case_from, case_member, in_team
from app.records.transaction import Transaction


@dataclass(frozen=True, kw_only=True)
class TeamPlace:
    """Somebody's place in the team of a case, and the entry that its row says gave it."""

    case_id: str
    staff_id: str
    member_from: datetime
    entry_id: str


@dataclass(frozen=True, kw_only=True)
class CaseOfTeam:
    """The case, the asker's places in its team, and what the index has of its team's entries."""

    found: FoundCase
    places: tuple[TeamPlace, ...]
    entries: tuple[FoundEntry, ...]


def cases_with_team_entries(
    tx: Transaction,
    *,
    organisation_id: str,
    staff_id: str,
    at: datetime,
    ops: Collection[str],
    case_id: str | None = None,
) -> tuple[CaseOfTeam, ...]:
    """The cases in whose team the staff member is at an instant, or one of them, newest first, with
    the organisation's entries on them of the kinds `ops`. One query."""
    seen, leaf, detail = audit_view.c, audit_leaf.c, audit_detail.c
    on_team = and_(
        seen.case_id == case_file.c.id,
        seen.organisation_id == case_file.c.organisation_id,
        seen.op.in_(ops),
    )
    asked = (
        asked_cases()
        .join(case_member, case_member.c.case_id == case_file.c.id)
        .join(audit_view, on_team, isouter=True)
        .join(audit_leaf, leaf.n == seen.n, isouter=True)
        .join(audit_detail, detail.n == leaf.n, isouter=True)
        .add_columns(
            case_member.c.member_from,
            case_member.c.audit_id.label("place_entry"),
            leaf.n,
            leaf.id.label("entry_id"),
            leaf.leaf_hash,
            leaf.entry,
            detail.field,
            detail.key_id,
            detail.body,
        )
        .where(case_file.c.organisation_id == organisation_id, in_team(staff_id, at))
        .order_by(case_file.c.opened_at.desc(), case_file.c.id.desc(), leaf.n)
    )
    if case_id is not None:
        asked = asked.where(case_file.c.id == case_id)
    by_case = groupby(tx.execute(asked).all(), key=lambda row: str(row.id))
    return tuple(_of_team(list(rows), staff_id) for _, rows in by_case)


def _of_team(rows: Sequence[Row[Any]], staff_id: str) -> CaseOfTeam:
    places = {
        row.place_entry: TeamPlace(
            case_id=row.id,
            staff_id=staff_id,
            member_from=row.member_from,
            entry_id=row.place_entry,
        )
        for row in rows
    }
    told = found_entries(row for row in rows if row.n is not None)
    return CaseOfTeam(found=case_from(rows[0]), places=tuple(places.values()), entries=told)
