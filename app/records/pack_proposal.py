"""Proposed rule packs: what changes, what the decisions of a year become, and what came of it.

Nothing here is about a person: outcomes and ids, beside the disclosures that hold the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    CompoundSelect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Select,
    String,
    Subquery,
    Table,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    not_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.pack_proposal import CHANGED, DecisionChange, PackProposal, ProposalState
from app.records.audit_view import audit_view
from app.records.case import case_key
from app.records.disclosure import disclosure
from app.records.refusal import refusal
from app.records.rule_pack import rule_pack
from app.records.schema import ID, UtcTime, entry_column, id_column, metadata
from app.records.transaction import Transaction

MOST_LISTED = 50
MOST_CHANGES = 200

pack_proposal = Table(
    "pack_proposal",
    metadata,
    id_column(),
    Column("sha256", String(64), ForeignKey("rule_pack.sha256"), nullable=False),
    Column("against_sha256", String(64), ForeignKey("rule_pack.sha256"), nullable=False),
    Column("organisation_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("proposed_by", ID, ForeignKey("staff.id"), nullable=False),
    Column("proposed_at", UtcTime, nullable=False),
    Column("state", String(12), nullable=False),
    Column("findings", LargeBinary),
    Column("upto", ID, nullable=False),
    Column("total", Integer, nullable=False),
    Column("settled_by", ID, ForeignKey("staff.id")),
    Column("settled_at", UtcTime),
    entry_column(),
    entry_column("examined_audit_id", nullable=True),
    entry_column("settled_audit_id", nullable=True),
    # A second wall: the flow refuses it first.
    CheckConstraint("state <> 'activated' OR settled_by <> proposed_by", name="two_persons"),
    CheckConstraint("(settled_at IS NULL) = (settled_audit_id IS NULL)", name="settled_with_entry"),
    Index(None, "proposed_at"),
)

decision_trial = Table(
    "decision_trial",
    metadata,
    Column("proposal_id", ID, ForeignKey("pack_proposal.id"), primary_key=True),
    Column("organisation_id", ID, ForeignKey("organisation.id"), primary_key=True),
    Column("tried", String(12), primary_key=True),
    Column("count", Integer, nullable=False),
    entry_column(),
)

decision_change = Table(
    "decision_change",
    metadata,
    Column("proposal_id", ID, ForeignKey("pack_proposal.id"), primary_key=True),
    # Not a foreign key: it names a disclosure or a refusal, erased by its organisation's own rules.
    Column("decision_id", ID, primary_key=True),
    Column("organisation_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("tried", String(12), nullable=False),
    Column("before", String(5), nullable=False),
    Column("after", String(5), nullable=False),
    entry_column(),
    Index(None, "proposal_id", "organisation_id"),
)


@dataclass(frozen=True, kw_only=True)
class RecordedDecision:
    """A disclosure or a refusal with what it rests on, sealed, and its case's key if there."""

    id: str
    refused: bool
    organisation_id: str
    case_id: str
    outcome: str
    grounds: tuple[str, ...]
    facts: bytes
    ring_version: int | None
    wrapped: bytes | None


_COLUMNS = (
    *(
        pack_proposal.c[name]
        for name in PackProposal.__dataclass_fields__
        if name in pack_proposal.c
    ),
    rule_pack.c.version,
)


def _asked() -> Select[Any]:
    return select(*_COLUMNS).join(rule_pack, rule_pack.c.sha256 == pack_proposal.c.sha256)


def insert_proposal(tx: Transaction, new: PackProposal, *, entry_id: str) -> None:
    """Keep a proposal of a pack that is kept."""
    tx.execute(
        insert(pack_proposal).values(
            id=new.id,
            sha256=new.sha256,
            against_sha256=new.against_sha256,
            organisation_id=new.organisation_id,
            proposed_by=new.proposed_by,
            proposed_at=new.proposed_at,
            state=new.state,
            upto="",
            total=0,
            audit_id=entry_id,
        )
    )


def proposals(tx: Transaction) -> tuple[PackProposal, ...]:
    """The latest proposals of the installation, newest first. One query."""
    rows = tx.execute(
        _asked()
        .order_by(pack_proposal.c.proposed_at.desc(), pack_proposal.c.id.desc())
        .limit(MOST_LISTED)
    )
    return tuple(PackProposal(**row._mapping) for row in rows)


def proposal_of(tx: Transaction, proposal_id: str, *, hold: bool = False) -> PackProposal | None:
    """One proposal; held for writing until the transaction ends when `hold`."""
    asked = _asked().where(pack_proposal.c.id == proposal_id)
    row = tx.execute(asked.with_for_update(of=pack_proposal) if hold else asked).one_or_none()
    return None if row is None else PackProposal(**row._mapping)


def findings_of(tx: Transaction, proposal_id: str) -> bytes | None:
    """What the comparison found, as it was kept."""
    return tx.execute(
        select(pack_proposal.c.findings).where(pack_proposal.c.id == proposal_id)
    ).scalar_one_or_none()


def keep_findings(
    tx: Transaction,
    proposal_id: str,
    findings: bytes,
    *,
    state: ProposalState,
    total: int,
    entry_id: str,
) -> None:
    """Keep what the comparison found, and how many decisions there are to decide again."""
    found = {"findings": findings, "state": state, "total": total}
    _change(tx, proposal_id, **found, examined_audit_id=entry_id)


def keep_progress(tx: Transaction, proposal_id: str, *, upto: str, entry_id: str) -> None:
    """How far the deciding again has come."""
    _change(tx, proposal_id, upto=upto, examined_audit_id=entry_id)


def mark_examined(tx: Transaction, proposal_id: str, *, entry_id: str) -> None:
    """Everything about it has been found out."""
    _change(tx, proposal_id, state="examined", examined_audit_id=entry_id)


def mark_settled(
    tx: Transaction, proposal_id: str, *, state: ProposalState, by: str, entry_id: str
) -> None:
    """It is activated or withdrawn."""
    _change(
        tx,
        proposal_id,
        state=state,
        settled_by=by,
        settled_at=tx.at,
        settled_audit_id=entry_id,
    )


def _change(tx: Transaction, proposal_id: str, **values: object) -> None:
    tx.execute(update(pack_proposal).where(pack_proposal.c.id == proposal_id).values(**values))


def _decided(*more: str) -> CompoundSelect[Any]:
    """Disclosures and refusals, with the columns that both have and are asked for."""
    names = ("id", "organisation_id", "decided_at", "grounds", *more)
    return union_all(
        *(
            select(literal(table is refusal).label("refused"), *(table.c[name] for name in names))
            for table in (disclosure, refusal)
        )
    )


def count_decisions(tx: Transaction, *, since: datetime, before: datetime) -> int:
    """How many all organisations decided from `since` and before `before`, refusals with them."""
    decided = _decided().subquery()
    asked = select(func.count()).select_from(decided).where(*_within(decided, since, before))
    return int(tx.execute(asked).scalar_one())


def next_decisions(
    tx: Transaction, *, after: str, since: datetime, before: datetime, most: int
) -> tuple[RecordedDecision, ...]:
    """The next of them by id, which is by time. One query."""
    decided = _decided("case_id", "outcome", "facts").subquery()
    names = ("id", "refused", "organisation_id", "case_id", "outcome", "grounds", "facts")
    rows = tx.execute(
        select(*(decided.c[name] for name in names), case_key.c.ring_version, case_key.c.wrapped)
        .outerjoin(case_key, case_key.c.case_id == decided.c.case_id)
        .where(decided.c.id > after, *_within(decided, since, before))
        .order_by(decided.c.id)
        .limit(most)
    )
    return tuple(
        RecordedDecision(**{**row._mapping, "grounds": tuple(row.grounds)}) for row in rows
    )


def count_refusals(tx: Transaction, *, since: datetime, before: datetime) -> dict[str, int]:
    """How many refusals the log tells of, of which nothing is kept, by organisation. One query."""
    rows = tx.execute(
        select(audit_view.c.organisation_id, func.count().label("refused"))
        .where(
            audit_view.c.op == "note.disclosure_refused",
            audit_view.c.at >= since,
            audit_view.c.at < before,
            not_(exists().where(refusal.c.audit_id == audit_view.c.id)),
        )
        .group_by(audit_view.c.organisation_id)
    )
    return {row.organisation_id: int(row.refused) for row in rows}


def add_trials(
    tx: Transaction, proposal_id: str, counts: Mapping[tuple[str, str], int], *, entry_id: str
) -> None:
    """Add to the counts by organisation and outcome of the trial."""
    new = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    for (organisation_id, tried), count in sorted(counts.items()):
        row = new(decision_trial).values(
            proposal_id=proposal_id,
            organisation_id=organisation_id,
            tried=tried,
            count=count,
            audit_id=entry_id,
        )
        tx.execute(
            row.on_conflict_do_update(
                index_elements=["proposal_id", "organisation_id", "tried"],
                set_={"count": decision_trial.c.count + row.excluded.count},
            )
        )


def insert_changes(
    tx: Transaction, proposal_id: str, changes: Sequence[Mapping[str, str]], *, entry_id: str
) -> None:
    """Keep the decisions that came out otherwise."""
    if changes:
        rows = [{"proposal_id": proposal_id, "audit_id": entry_id, **one} for one in changes]
        tx.execute(insert(decision_change), rows)


def trials_of(tx: Transaction, proposal_id: str) -> dict[tuple[str, str], int]:
    """Counts by organisation and outcome of the trial. One query."""
    rows = tx.execute(select(decision_trial).where(decision_trial.c.proposal_id == proposal_id))
    return {(row.organisation_id, row.tried): int(row._mapping["count"]) for row in rows}


def changes_of(
    tx: Transaction, proposal_id: str, *, organisation_id: str
) -> tuple[DecisionChange, ...]:
    """One organisation's own decisions that came out otherwise, oldest first. One query."""
    decided = _decided("recipient_id", "pack").subquery()
    same = and_(
        decision_change.c.proposal_id == proposal_id,
        decision_change.c.organisation_id == organisation_id,
        decided.c.organisation_id == organisation_id,
    )
    # What would leave that did not comes first, and what only rests on another rule last.
    order = case({name: n for n, name in enumerate(CHANGED)}, value=decision_change.c.tried)
    rows = tx.execute(
        select(
            decision_change.c.decision_id,
            decision_change.c.organisation_id,
            decision_change.c.tried,
            decision_change.c.before,
            decision_change.c.after,
            decided.c.decided_at,
            decided.c.recipient_id,
            decided.c.grounds,
            decided.c.pack,
        )
        .join(decided, decided.c.id == decision_change.c.decision_id)
        .where(same)
        .order_by(order, decided.c.id)
        .limit(MOST_CHANGES)
    )
    return tuple(DecisionChange(**{**row._mapping, "grounds": tuple(row.grounds)}) for row in rows)


def _within(decided: Subquery, since: datetime, before: datetime) -> tuple[Any, ...]:
    return decided.c.decided_at >= since, decided.c.decided_at < before
