"""Activate a pack that somebody else has proposed, or withdraw a proposal; and see them.

Nobody activates what they have proposed, nothing that has not been examined, and nothing that was
compared with another pack than the one that is in use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.domain.actor import Actor
from app.domain.organisation import Organisation
from app.domain.pack_proposal import OPEN_STATES, DecisionChange, PackProposal
from app.domain.staff import StaffMember
from app.flows.active_law import load_kept
from app.flows.happened import happened
from app.flows.list_approvals import may
from app.flows.not_found import NotFound, tell_not_found
from app.flows.pack_findings import Findings, unpacked
from app.flows.propose_pack import ACTIVATE, PROPOSE
from app.flows.standing import as_they_stand
from app.keys import Rings, event_sealer
from app.records.organisation import all_organisations
from app.records.pack_activation import (
    PackActivation,
    activations,
    hold_activation,
    insert_activation,
    pack_hash_in_use,
)
from app.records.pack_proposal import (
    changes_of,
    findings_of,
    mark_settled,
    proposal_of,
    proposals,
    trials_of,
)
from app.records.staff import staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from policies import Law

SEES = (PROPOSE, ACTIVATE)


@dataclass(frozen=True, kw_only=True)
class PackList:
    """What has been in use, newest first, and what has been proposed."""

    activations: tuple[PackActivation, ...]
    proposals: tuple[PackProposal, ...]
    staff: Mapping[str, StaffMember]


@dataclass(frozen=True, kw_only=True)
class ProposalView:
    """One proposal, and all that has been found out about it so far."""

    proposal: PackProposal
    in_use: str | None
    findings: Findings | None
    """None until the packs have been compared."""
    trials: Mapping[tuple[str, str], int]
    """Decisions made again, by organisation and by what came of it."""
    changes: tuple[DecisionChange, ...]
    """Those of the viewer's own organisation that came out otherwise."""
    staff: Mapping[str, StaffMember]
    organisations: Mapping[str, Organisation]

    @property
    def stale(self) -> bool:
        """Whether another pack has come in use since it was proposed."""
        return self.in_use != self.proposal.against_sha256


@dataclass(frozen=True)
class Settled:
    """It is activated or withdrawn."""

    proposal_id: str


@dataclass(frozen=True)
class NotSettled:
    """Nothing changed, and why: `own_proposal`, `not_examined`, `unexplained`, `stale`, `settled`,
    `pack_damaged`."""

    reason: str


def view_packs(
    actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> PackList | NotFound:
    """The packs of the installation. Three queries."""
    with store.begin(at=at) as tx:
        if not any(may(actor, law, act) for act in SEES):
            return tell_not_found(tx, "pack.not_allowed", actor, at=at, rings=rings, about={})
        taken, offered = activations(tx), proposals(tx)
        named = {one.proposed_by for one in offered}
        named |= {by for one in taken for by in (one.proposed_by, one.activated_by) if by}
        found = PackList(
            activations=taken,
            proposals=offered,
            staff=staff_by_id(tx, named) if named else {},
        )
        event = happened("pack.listed", "allow", actor, at=at, detail={"count": len(offered)})
        tx.record(event, sealer=event_sealer(rings.current(actor.organisation_id), None))
    return found


def view_proposal(
    proposal_id: str, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> ProposalView | NotFound:
    """One proposal. Decisions of other organisations are counted, and not shown."""
    with store.begin(at=at) as tx:
        allowed = any(may(actor, law, act) for act in SEES)
        found = proposal_of(tx, proposal_id) if allowed else None
        if found is None:
            about = {"proposal": proposal_id}
            return tell_not_found(tx, "pack.not_found", actor, at=at, rings=rings, about=about)
        kept = findings_of(tx, found.id)
        named = {one for one in (found.proposed_by, found.settled_by) if one}
        view = ProposalView(
            proposal=found,
            in_use=pack_hash_in_use(tx),
            findings=unpacked(kept) if kept else None,
            trials=trials_of(tx, found.id),
            changes=changes_of(tx, found.id, organisation_id=actor.organisation_id),
            staff=staff_by_id(tx, named),
            organisations={one.id: one for one in all_organisations(tx)},
        )
        _tell(tx, "pack.viewed", found, actor, at=at, rings=rings)
    return view


def settle_pack(
    proposal_id: str,
    act: Literal["activate", "withdraw"],
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> Settled | NotSettled | NotFound:
    """Take a proposed pack in use, or take the proposal back. Either counts at once."""
    acts = (ACTIVATE,) if act == "activate" else SEES
    readable = act == "withdraw" or _is_readable(store, proposal_id, at=at)
    with store.begin(at=at) as tx:
        standing = as_they_stand(tx, actor, at=at, rings=rings)
        found = proposal_of(tx, proposal_id, hold=True)
        if standing is None or found is None or not any(may(standing, law, a) for a in acts):
            about = {"proposal": proposal_id}
            return tell_not_found(tx, "pack.not_found", actor, at=at, rings=rings, about=about)
        if act == "withdraw":
            return _withdraw(tx, found, actor, at=at, rings=rings)
        held = hold_activation(tx)
        reason = _not_to_activate(found, actor, in_use=held[1] if held else None)
        if reason or held is None or not readable:
            reason = reason or "pack_damaged"
            _tell(tx, "pack.activate_refused", found, actor, at=at, rings=rings, reason=reason)
            return NotSettled(reason)
        entry_id = _tell(tx, "pack.activated", found, actor, at=at, rings=rings)
        insert_activation(
            tx,
            found.sha256,
            n=held[0] + 1,
            proposed_by=found.proposed_by,
            activated_by=actor.staff_id,
            entry_id=entry_id,
        )
        mark_settled(tx, found.id, state="activated", by=actor.staff_id, entry_id=entry_id)
    return Settled(found.id)


def _is_readable(store: Store, proposal_id: str, *, at: datetime) -> bool:
    """Whether what is kept is what its hash says. Asked before anything is held."""
    with store.look(at=at) as tx:
        found = proposal_of(tx, proposal_id)
    return found is not None and isinstance(load_kept(store, found.sha256, at=at), Law)


def _withdraw(
    tx: Transaction, found: PackProposal, actor: Actor, *, at: datetime, rings: Rings
) -> Settled | NotSettled:
    if found.state not in OPEN_STATES:
        _tell(tx, "pack.withdraw_refused", found, actor, at=at, rings=rings, reason="settled")
        return NotSettled("settled")
    entry_id = _tell(tx, "pack.withdrawn", found, actor, at=at, rings=rings)
    mark_settled(tx, found.id, state="withdrawn", by=actor.staff_id, entry_id=entry_id)
    return Settled(found.id)


def _not_to_activate(found: PackProposal, actor: Actor, *, in_use: str | None) -> str:
    if found.state not in OPEN_STATES:
        return "settled"
    if found.proposed_by == actor.staff_id:
        return "own_proposal"
    if found.state == "unexplained":
        return "unexplained"
    if found.against_sha256 != in_use:
        return "stale"
    return "" if found.state == "examined" else "not_examined"


def _tell(
    tx: Transaction,
    op: str,
    found: PackProposal,
    actor: Actor,
    *,
    at: datetime,
    rings: Rings,
    reason: str = "",
) -> str:
    event = happened(
        op,
        "deny" if reason else "allow",
        actor,
        at=at,
        about={"proposal": found.id, "staff": found.proposed_by},
        detail={
            "version": found.version,
            "sha256": found.sha256,
            "before": found.against_sha256,
            "reason": reason,
        },
        pack=found.sha256,
    )
    tx.record(event, sealer=event_sealer(rings.current(actor.organisation_id), None))
    return event.id
