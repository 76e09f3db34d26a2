"""Review the trail of a case: who looked, what was disclosed, refused and withdrawn.

For a supervisor of the organisation, who reads the trail and not the notes. A row is verified when
an inclusion proof leads from it to the latest signed checkpoint and its details, opened, are those
it was committed to. The look at the trail is an entry too.
Law: PDL 4 kap. 3 § (the model followed for all)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.organisation import Organisation
from app.domain.staff import StaffMember
from app.flows.find_case import OpenCase, open_case
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.open_details import opened_only
from app.keys import Rings, event_sealer
from app.records.audit_log import StoredLog, details_at, latest_checkpoint, leaves_at
from app.records.audit_view import SeenEntry, entries_of_case
from app.records.case import case_of_organisation, case_references
from app.records.organisation import all_organisations
from app.records.staff import staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from audit.canonical import Json
from audit.check import Checked, InclusionProof, NotChecked, check_under
from audit.checkpoint import Checkpoint, VerifierKey, open_checkpoint
from audit.entry import Field, OpenedDetail, parse_leaf
from audit.errors import AuditFault
from audit.merkle import Coord, inclusion_proof
from policies import Law
from policies.roles import can


@dataclass(frozen=True, kw_only=True)
class TrailRow:
    """One entry, opened."""

    entry: SeenEntry
    actor: Mapping[str, Json]
    about: Mapping[str, Json]
    detail: Mapping[str, Json]
    rules: tuple[str, ...]
    """Ids of the rules that decided, as the leaf in the log has them."""
    check: Checked | NotChecked


@dataclass(frozen=True, kw_only=True)
class Trail:
    """The trail of one case, newest first."""

    case: Case
    rows: tuple[TrailRow, ...]
    staff: Mapping[str, StaffMember]
    organisations: Mapping[str, Organisation]
    sealed_to: int
    """Entries the latest signed checkpoint covers; 0 when there is none that holds."""


def list_trails(
    actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> tuple[Case, ...] | NotFound:
    """The organisation's cases by number, for choosing one to review."""
    with store.begin(at=at) as tx:
        if not _may_review(actor, law):
            return tell_not_found(tx, "trail.list_refused", actor, at=at, rings=rings, about={})
        cases = case_references(tx, organisation_id=actor.organisation_id)
        tx.record(
            happened("trail.listed", "allow", actor, at=at, detail={"count": len(cases)}),
            sealer=event_sealer(rings.current(actor.organisation_id), None),
        )
    return cases


def review_trail(
    case_id: str,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
    log_key: VerifierKey,
) -> Trail | NotFound:
    """Every entry on one case of the organisation, checked. A fixed number of queries."""
    with store.begin(at=at) as tx:
        found = (
            case_of_organisation(tx, case_id, organisation_id=actor.organisation_id)
            if _may_review(actor, law)
            else None
        )
        if found is None:
            return tell_not_found(
                tx, "trail.not_found", actor, at=at, rings=rings, about={"asked_case": case_id}
            )
        opened = open_case(found, rings)
        trail = _read(tx, opened, log_key)
        tx.record(
            happened(
                "trail.reviewed",
                "allow",
                actor,
                at=at,
                case=case_id,
                detail={"entries": len(trail.rows)},
            ),
            sealer=opened.sealer,
        )
    return trail


def _may_review(actor: Actor, law: Law) -> bool:
    return any(can(law, role, "review_audit") for role in actor.roles)


def _read(tx: Transaction, opened: OpenCase, log_key: VerifierKey) -> Trail:
    entries = entries_of_case(tx, opened.case.id, organisation_id=opened.case.organisation_id)
    indices = [entry.n for entry in entries]
    leaves, details = leaves_at(tx, indices), details_at(tx, indices)
    checkpoint = _latest(tx, log_key)
    proofs = _proofs(StoredLog(tx), indices, checkpoint.size if checkpoint else 0)
    rows = []
    for entry in entries:
        parts = opened_only(details.get(entry.n, {}), opened.ring, {opened.key.key_id: opened.key})
        leaf = leaves.get(entry.n)
        rows.append(
            TrailRow(
                entry=entry,
                actor=_value(parts, "actor"),
                about=_value(parts, "object"),
                detail=_value(parts, "detail"),
                rules=_rules(leaf.entry if leaf else None),
                check=_check(leaf.entry if leaf else None, parts, proofs.get(entry.n), checkpoint),
            )
        )
    named = {entry.staff_id for entry in entries if entry.staff_id}
    return Trail(
        case=opened.case,
        rows=tuple(rows),
        staff=staff_by_id(tx, named),
        organisations={one.id: one for one in all_organisations(tx)},
        sealed_to=checkpoint.size if checkpoint else 0,
    )


def _latest(tx: Transaction, log_key: VerifierKey) -> Checkpoint | None:
    """The newest checkpoint if its signature holds; one that does not verifies nothing."""
    row = latest_checkpoint(tx)
    try:
        return open_checkpoint(row.note, [log_key]) if row else None
    except AuditFault:
        return None


def _proofs(log: StoredLog, indices: Sequence[int], size: int) -> dict[int, InclusionProof]:
    """Inclusion proofs for all entries under one root, with the nodes fetched all at once."""
    covered = [index for index in indices if index < size]
    wanted: list[Coord] = []

    def note_down(coords: Sequence[Coord]) -> list[bytes]:
        wanted.extend(coords)
        return [bytes(32)] * len(coords)

    for index in covered:
        inclusion_proof(index, size, note_down)
    distinct = list(dict.fromkeys(wanted))
    nodes = dict(zip(distinct, log.nodes(distinct), strict=True))

    def fetch(coords: Sequence[Coord]) -> list[bytes]:
        # A node that is missing cannot lead to the signed root, so the row is simply not verified.
        return [nodes[coord] or b"" for coord in coords]

    return {
        index: InclusionProof(index, size, inclusion_proof(index, size, fetch)) for index in covered
    }


def _check(
    leaf: bytes | None,
    parts: Mapping[Field, OpenedDetail],
    proof: InclusionProof | None,
    checkpoint: Checkpoint | None,
) -> Checked | NotChecked:
    if leaf is None:
        return NotChecked("not-in-log")
    if proof is None or checkpoint is None:
        return NotChecked("not-sealed-yet")
    return check_under(leaf, parts, proof, checkpoint)


def _rules(leaf: bytes | None) -> tuple[str, ...]:
    try:
        named = parse_leaf(leaf).rule if leaf else None
    except AuditFault:
        return ()
    return tuple(named.split(",")) if named else ()


def _value(parts: Mapping[Field, OpenedDetail], name: Field) -> Mapping[str, Json]:
    part = parts.get(name)
    return part.value() if part else {}
