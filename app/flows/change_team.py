"""Who works in a case: a colleague is let in, or taken out. Dated, and told in the log.

Someone in the team can do it in their own case; whoever decides who works on what, in every case
of the organisation, without reading anything in it.
Law: OSL 7 kap. 1 § (need to know, inside the organisation too)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.legal_day import legal_day
from app.domain.staff import StaffMember, TeamMember
from app.flows.find_case import OpenCase, find_case, open_case
from app.flows.happened import happened
from app.flows.hold_case import hold_case
from app.flows.not_found import NotFound, tell_not_found
from app.keys import Rings
from app.records.case import case_of_organisation, insert_member
from app.records.case_team import end_member, team_of
from app.records.role_grant import staff_of
from app.records.store import Store
from app.records.transaction import Transaction
from audit.entry import Event
from policies import Law
from policies.roles import can

Change = Literal["let_in", "take_out"]


@dataclass(frozen=True, kw_only=True)
class TeamPage:
    """The team, and the colleagues who could be let in. Nothing that the case holds."""

    case: Case
    team: tuple[TeamMember, ...]
    colleagues: tuple[StaffMember, ...]
    in_team: bool
    """Whether the one who asks works in the case, and so may open it."""


@dataclass(frozen=True)
class TeamChanged:
    """It counts from now on. Who has left can open nothing more in the case."""

    still_in_team: bool


@dataclass(frozen=True)
class TeamNotChanged:
    """`already_member`, `not_member`, `oneself` (somebody in the team, or another who assigns, lets
    one in), or `last_member`: a case that nobody works in is lost."""

    reason: str


def view_team(
    case_id: str, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> TeamPage | NotFound:
    """The team of a case that the actor may change it for."""
    with store.begin(at=at) as tx:
        opened = _find(tx, case_id, actor, at=at, rings=rings, law=law)
        if opened is None:
            return _not_found(tx, case_id, None, actor, at=at, rings=rings)
        team = team_of(tx, case_id, at=at)
        ids = {one.staff.id for one in team}
        tx.record(
            happened(
                "team.viewed", "allow", actor, at=at, case=case_id, detail={"count": len(team)}
            ),
            sealer=opened.sealer,
        )
        return TeamPage(
            case=opened.case,
            team=team,
            colleagues=tuple(
                one
                for one in _colleagues(tx, actor, law, at=at).values()
                if one.id not in ids | {actor.staff_id}
            ),
            in_team=actor.staff_id in ids,
        )


def change_team(
    case_id: str,
    staff_id: str,
    change: Change,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> TeamChanged | TeamNotChanged | NotFound:
    """Let a colleague in or take one out. A colleague is of the organisation, and reads notes."""
    with store.begin(at=at) as tx:
        at = hold_case(tx, case_id, actor, at=at)
        opened = _find(tx, case_id, actor, at=at, rings=rings, law=law)
        team = {one.staff.id for one in team_of(tx, case_id, at=at)} if opened else set()
        known = staff_id in team or staff_id in _colleagues(tx, actor, law, at=at)
        if opened is None or not known:
            return _not_found(tx, case_id, staff_id, actor, at=at, rings=rings)
        if reason := _in_the_way(change, staff_id, team, actor):
            refused = _told("team.change_refused", staff_id, opened, actor, at=at, reason=reason)
            tx.record(refused, sealer=opened.sealer)
            return TeamNotChanged(reason)
        op = "team.let_in" if change == "let_in" else "team.taken_out"
        event = _told(op, staff_id, opened, actor, at=at)
        if change == "let_in":
            insert_member(
                tx,
                case_id=case_id,
                organisation_id=opened.case.organisation_id,
                staff_id=staff_id,
                member_from=at,
                entry_id=event.id,
            )
        else:
            end_member(tx, case_id, staff_id, at=at, entry_id=event.id)
        tx.record(event, sealer=opened.sealer)
        left = change == "take_out" and staff_id == actor.staff_id
        return TeamChanged(still_in_team=actor.staff_id in team and not left)


def _find(
    tx: Transaction, case_id: str, actor: Actor, *, at: datetime, rings: Rings, law: Law
) -> OpenCase | None:
    own = find_case(tx, case_id, actor, "write_note", at=at, rings=rings, law=law)
    if own is not None or not any(can(law, role, "assign_case") for role in actor.roles):
        return own
    found = case_of_organisation(tx, case_id, organisation_id=actor.organisation_id)
    return None if found is None else open_case(found, rings)


def _colleagues(
    tx: Transaction, actor: Actor, law: Law, *, at: datetime
) -> Mapping[str, StaffMember]:
    """Those of the organisation whose roles let them read in a case, by name."""
    there = staff_of(tx, actor.organisation_id, on=legal_day(at), at=at)
    return {
        member.id: member
        for member, roles in there
        if any(can(law, role, "read_note") for role in roles)
    }


def _in_the_way(change: Change, staff_id: str, team: set[str], actor: Actor) -> str | None:
    if change == "let_in" and staff_id in team:
        return "already_member"
    if change == "let_in":
        # Whoever decides who works on what does not thereby get to read it.
        return "oneself" if staff_id == actor.staff_id else None
    if staff_id not in team:
        return "not_member"
    return "last_member" if len(team) == 1 else None


def _told(
    op: str, staff_id: str, opened: OpenCase, actor: Actor, *, at: datetime, reason: str = ""
) -> Event:
    return happened(
        op,
        "deny" if reason else "allow",
        actor,
        at=at,
        case=opened.case.id,
        detail={"colleague": staff_id} | ({"reason": reason} if reason else {}),
    )


def _not_found(
    tx: Transaction,
    case_id: str,
    staff_id: str | None,
    actor: Actor,
    *,
    at: datetime,
    rings: Rings,
) -> NotFound:
    about = {"asked_case": case_id} | ({"staff": staff_id} if staff_id else {})
    return tell_not_found(tx, "team.not_found", actor, at=at, rings=rings, about=about)
