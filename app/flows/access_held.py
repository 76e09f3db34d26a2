"""Roles, delegations and places in case teams, held to the entries that gave and ended them.

Each is a row that whoever has the database's password can write, lengthen or un-end. So none of
them counts where its entry says otherwise, or a later one says that it has ended. What the log no
longer says, because that has been erased or pruned by decision, is taken as the row has it.
Law: KL 6 kap. 37 §, 7 kap. 5 §; OSL 7 kap. 1 §
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from app.domain.actor import Actor
from app.domain.ids import INSTALLATION, new_id
from app.domain.legal_day import legal_day
from app.domain.staff import Delegation
from app.flows.access_log import NEWEST, AccessLog, as_said, read_access
from app.flows.happened import happened
from app.flows.rows_held import Said, made_at
from app.flows.sealing import open_case_key
from app.keys import CaseKey, Ring, Rings, event_sealer
from app.records.case_access import CaseOfTeam, TeamPlace
from app.records.delegation import GivenDelegation
from app.records.role_grant import GivenRole, roles_given
from app.records.transaction import Transaction
from audit.canonical import Json
from audit.entry import Event

ROLE, DELEGATION, PLACE = "role.differs", "delegation.differs", "team.differs"
DELIVERY = "delivery.differs"
UNLIKE = (ROLE, DELEGATION, PLACE, DELIVERY)
"""The kinds of entry that tell of a row that is not as the log says."""
_ROLE_ENDS = ("role.ended", "account.closed")
_DELEGATION_ENDS = ("delegation.ended",)
PLACE_OPS = ("case.started", "team.let_in", "team.taken_out")


def unlike_roles(
    tx: Transaction, given: Sequence[GivenRole], rings: Rings
) -> tuple[GivenRole, ...]:
    """Those roles that the log does not say are held. One query, and two more where a detail is
    gone."""
    if not given:
        return ()
    ids = {one.entry_id for one in given}
    ring = rings.current(INSTALLATION)
    log = read_access(tx, ring, ids, ops=_ROLE_ENDS, newest=NEWEST)
    return tuple(one for one in given if not _holds_role(one, log))


def _holds_role(one: GivenRole, log: AccessLog) -> bool:
    grant, made = one.grant, log.made(one.entry_id)
    if made is None:
        return False
    if isinstance(made, Said) and not says(
        made,
        "role.granted",
        object={"staff": grant.staff_id, "organisation": grant.organisation_id},
        detail={
            "role": grant.role,
            "from": grant.period.valid_from.isoformat(),
            **as_told(made, {"grant": grant.id, "until": _day(grant.period.valid_until)}),
        },
    ):
        return False
    return not any(_ends_role(end, one) for end in log.after(made, *_ROLE_ENDS))


def _ends_role(end: Said, one: GivenRole) -> bool:
    about, detail = end.values.get("object", {}), end.values.get("detail", {})
    if about.get("staff") != one.grant.staff_id:
        return False
    here = (about.get("organisation"), detail.get("role"))
    return end.entry.op == "account.closed" or here == (one.grant.organisation_id, one.grant.role)


def tell_unlike_roles(
    tx: Transaction,
    unlike: Sequence[GivenRole],
    rings: Rings,
    *,
    at: datetime,
    session_id: str | None = None,
) -> None:
    """One entry for each organisation where somebody's role is not as the log says."""
    for where in sorted({one.grant.organisation_id for one in unlike}):
        theirs = [one.grant for one in unlike if one.grant.organisation_id == where]
        roles: list[Json] = [*sorted({one.role for one in theirs})]
        session: dict[str, Json] = {} if session_id is None else {"session": session_id}
        event = Event(
            id=new_id(at),
            op=ROLE,
            res="deny",
            org=where,
            actor={"staff": theirs[0].staff_id, **session},
            object={"staff": theirs[0].staff_id, "organisation": where},
            detail={"roles": roles},
        )
        tx.record(event, sealer=event_sealer(rings.current(where), None))


def unlike_delegations(
    tx: Transaction, given: Sequence[GivenDelegation], ring: Ring, rings: Rings
) -> tuple[Delegation, ...]:
    """Those of one organisation's that the log does not say stand. Two queries."""
    if not given:
        return ()
    ids = {one.entry_id for one in given} | {one.confirmed_by_entry for one in given}
    own = read_access(tx, ring, ids, ops=_DELEGATION_ENDS, newest=NEWEST)
    technician = read_access(tx, rings.current(INSTALLATION), ids, ops=())
    return tuple(one.delegation for one in given if not _holds_delegation(one, own, technician))


def _holds_delegation(one: GivenDelegation, own: AccessLog, technician: AccessLog) -> bool:
    held = one.delegation
    # Pruned entries stand in both, and say in neither whose they were.
    made = own.made(one.entry_id) or technician.made(one.entry_id)
    if made is None:
        return False
    if isinstance(made, Said):
        holds = _granted(one, made) if held.registered_by is None else _registered(one, made, own)
        if not holds:
            return False
    ends = own.after(made, *_DELEGATION_ENDS)
    return not any(end.values.get("object", {}).get("delegation") == held.id for end in ends)


def _granted(one: GivenDelegation, made: Said) -> bool:
    held = one.delegation
    detail: dict[str, object] = {"decision": held.decision, "item": held.item, "role": held.role}
    later = {"delegation": held.id, **_period(held)}
    return (
        one.confirmed_by_entry == one.entry_id
        and says(
            made,
            "delegation.granted",
            object={"staff": held.staff_id, "organisation": held.organisation_id},
            detail=detail | as_told(made, later),
        )
        and made.entry.org == INSTALLATION
    )


def _registered(one: GivenDelegation, made: Said, own: AccessLog) -> bool:
    held, confirmed = one.delegation, own.made(one.confirmed_by_entry)
    about = {"delegation": held.id, "staff": held.staff_id or "", "role": held.role or ""}
    detail = {"decision": held.decision, "item": held.item, **_period(held)}
    if not says(
        made,
        "delegation.registered",
        actor={"staff": held.registered_by},
        object=about,
        detail=detail,
    ):
        return False
    if not isinstance(confirmed, Said):
        return confirmed is not None
    return (
        says(
            confirmed,
            "delegation.confirmed",
            actor={"staff": held.confirmed_by},
            object=about,
            detail=detail,
        )
        and held.confirmed_at is not None
        and made_at(confirmed.entry.id, held.confirmed_at)
    )


def tell_unlike_delegations(
    tx: Transaction, unlike: Sequence[Delegation], actor: Actor, ring: Ring, *, at: datetime
) -> None:
    """One entry, of who would have decided under them."""
    if not unlike:
        return
    ids: list[Json] = [*sorted(one.id for one in unlike)]
    event = happened(DELEGATION, "deny", actor, at=at, about={"delegations": ids})
    tx.record(event, sealer=event_sealer(ring, None))


HoldRoles = Callable[[Transaction, str, datetime], frozenset[str]]
"""The organisations where a role that somebody has then is not as the log says, each told."""


def roles_held(rings: Rings) -> HoldRoles:
    """How those who come in are held to the log, with the keys that open it."""

    def hold(tx: Transaction, staff_id: str, at: datetime) -> frozenset[str]:
        on = legal_day(at)
        unlike = unlike_roles(tx, roles_given(tx, staff_id, on=on, at=at), rings)
        # Read once more, because one may have been ended after its row was read.
        still = roles_given(tx, staff_id, on=on, at=at) if unlike else ()
        unlike = tuple(one for one in unlike if one in still)
        tell_unlike_roles(tx, unlike, rings, at=at)
        return frozenset(one.grant.organisation_id for one in unlike)

    return hold


def places_held(
    tx: Transaction, found: Sequence[CaseOfTeam], ring: Ring, rings: Rings
) -> frozenset[str]:
    """Those of the cases in whose team the log says that somebody has a place now.

    By the entries that the index has; where those do not say it, by the log itself, in one query
    for all of them, and two more where a detail is gone.
    """
    keys = {key.key_id: key for key in (open_case_key(rings, one.found.key) for one in found)}
    entries = [entry for one in found for entry in one.entries]
    held = _in_teams(found, as_said(tx, ring, entries, keys))
    left = [one for one in found if one.found.case.id not in held]
    if not left:
        return held
    log = read_access(
        tx,
        ring,
        {place.entry_id for one in left for place in one.places},
        ops=PLACE_OPS,
        keys=keys,
        case_ids=[one.found.case.id for one in left],
    )
    return held | _in_teams(left, log)


def _in_teams(found: Sequence[CaseOfTeam], log: AccessLog) -> frozenset[str]:
    return frozenset(
        one.found.case.id for one in found if any(_is_in_team(it, log) for it in one.places)
    )


def _is_in_team(place: TeamPlace, log: AccessLog) -> bool:
    made = log.made(place.entry_id)
    if made is None:
        return False
    if isinstance(made, Said):
        began = made.entry.op == "case.started"
        person = {"actor": {"staff": place.staff_id}} if began else {}
        colleague = {} if began else {"detail": {"colleague": place.staff_id}}
        op = "case.started" if began else "team.let_in"
        holds = says(made, op, object={"case": place.case_id}, **person, **colleague)
        if not holds or not made_at(made.entry.id, place.member_from):
            return False
    return not has_left(place, log)


def has_left(place: TeamPlace, log: AccessLog) -> bool:
    """Whether an entry says that they were taken out after the one that the place names."""
    made = log.made(place.entry_id)
    ends = log.after(-1 if made is None else made, "team.taken_out")
    return any(_takes_out(end, place) for end in ends)


def _takes_out(end: Said, place: TeamPlace) -> bool:
    about, detail = end.values.get("object", {}), end.values.get("detail", {})
    return (about.get("case"), detail.get("colleague")) == (place.case_id, place.staff_id)


def tell_unlike_place(
    tx: Transaction, case_id: str, actor: Actor, ring: Ring, key: CaseKey, *, at: datetime
) -> None:
    """One entry on the case."""
    event = happened(PLACE, "deny", actor, at=at, case=case_id)
    tx.record(event, sealer=event_sealer(ring, key))


def says(made: Said, op: str, **parts: Mapping[str, object]) -> bool:
    """Whether the entry is of an act of that kind, and says so much in each part that is left."""
    if (made.entry.op, made.entry.res) != (op, "allow"):
        return False
    return all(
        opened.get(key) == value
        for name, opened in made.values.items()
        for key, value in parts.get(name, {}).items()
    )


def as_told(made: Said, later: Mapping[str, object]) -> dict[str, object]:
    """Those that the entry tells: older ones do not."""
    detail = made.values.get("detail", {})
    return {name: value for name, value in later.items() if name in detail}


def _period(held: Delegation) -> dict[str, object]:
    return {"from": held.period.valid_from.isoformat(), "until": _day(held.period.valid_until)}


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
