"""What the technician does from a terminal: organisations, staff, roles, delegations.

These entries belong to the installation; the one who acted is the operator, by the name of their
account on the machine. An operator grants, and reads nothing that is written about people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from app.domain.account import Account, fold_username
from app.domain.ids import INSTALLATION, new_id
from app.domain.organisation import Organisation
from app.domain.staff import Delegation, RoleGrant, StaffMember
from app.flows.sealing import stored_ring
from app.keys import EventSealer, Keyring, Ring, SealedRing, event_sealer
from app.records.account import find_account, insert_account
from app.records.delegation import delegations_of, insert_delegation
from app.records.organisation import all_organisations, insert_organisation, organisation_of
from app.records.organisation_key import all_rings, insert_ring
from app.records.role_grant import grants_of, insert_role_grant
from app.records.staff import insert_staff, staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from audit.canonical import Json
from audit.entry import Event

ROOT_MOVES = "the root key is being replaced; run `sluss rotate-root` to its end first"
_TAKEN = "that user name is taken"


@dataclass(frozen=True)
class Added:
    """It is there now, under this id."""

    id: str


@dataclass(frozen=True)
class NotAdded:
    """It cannot be added, and why, in a sentence for a technician."""

    why: str


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Who sits at the terminal, and the installation's ring, which seals what they did."""

    name: str
    ring: Ring

    @property
    def sealer(self) -> EventSealer:
        """Seals an installation entry's details."""
        return event_sealer(self.ring, None)

    def event(
        self,
        op: str,
        *,
        at: datetime,
        about: dict[str, Json],
        detail: dict[str, Json] | None = None,
        res: Literal["allow", "deny", "error"] = "allow",
    ) -> Event:
        """An entry of the installation on what they did. Source: docs/formats/audit-entry.md"""
        return Event(
            id=new_id(at),
            op=op,
            res=res,
            org=INSTALLATION,
            actor={"operator": self.name},
            object=about,
            detail=detail or {},
        )


def open_installation(ring: SealedRing, operator: Operator, *, at: datetime, store: Store) -> Added:
    """Keep the installation's own ring, the first thing a new database holds."""
    with store.begin(at=at) as tx:
        event = operator.event("installation.opened", at=at, about={"root_key": ring.root_key_id})
        insert_ring(tx, stored_ring(ring), at=at, entry_id=event.id)
        tx.record(event, sealer=operator.sealer)
    return Added(INSTALLATION)


def no_second_opinion(operator: Operator, *, at: datetime, store: Store) -> None:
    """Tell the log that the service starts without a second opinion on what leaves."""
    with store.begin(at=at) as tx:
        event = operator.event("installation.no_second_opinion", at=at, about={})
        tx.record(event, sealer=operator.sealer)


def add_organisation(
    new: Organisation, operator: Operator, *, at: datetime, store: Store, keyring: Keyring
) -> Added | NotAdded:
    """Add an organisation and make its key ring."""
    with store.begin(at=at) as tx:
        if organisation_of(tx, new.id) is not None:
            return _refused(
                tx, "organisation", f"organisation {new.id} exists already", operator, at=at
            )
        same = [one.id for one in all_organisations(tx) if one.name == new.name]
        if same:
            why = f"{same[0]} is named {new.name} too; give it a name that tells them apart"
            return _refused(tx, "organisation", why, operator, at=at)
        if any(one.root_key_id != keyring.root_key_id for one in all_rings(tx)):
            return _refused(tx, "organisation", ROOT_MOVES, operator, at=at)
        event = operator.event("organisation.added", at=at, about={"organisation": new.id})
        insert_organisation(tx, new, entry_id=event.id)
        insert_ring(tx, stored_ring(keyring.new_ring(new.id)), at=at, entry_id=event.id)
        tx.record(event, sealer=operator.sealer)
    return Added(new.id)


def refuse_taken(
    username: str, operator: Operator, *, at: datetime, store: Store
) -> NotAdded | None:
    """Why nobody can be added by that user name, before a password is typed in vain."""
    with store.begin(at=at) as tx:
        if find_account(tx, fold_username(username)) is not None:
            return _refused(tx, "staff", _TAKEN, operator, at=at)
    return None


def add_staff(
    member: StaffMember,
    username: str,
    password_hash: str,
    operator: Operator,
    *,
    at: datetime,
    store: Store,
) -> Added | NotAdded:
    """Add a member of staff with a local account. The password itself never comes here."""
    folded = fold_username(username)
    with store.begin(at=at) as tx:
        if find_account(tx, folded) is not None:
            return _refused(tx, "staff", _TAKEN, operator, at=at)
        event = operator.event("staff.added", at=at, about={"staff": member.id})
        insert_staff(tx, member, entry_id=event.id)
        insert_account(
            tx,
            Account(
                id=new_id(at), staff_id=member.id, username=folded, password_hash=password_hash
            ),
            entry_id=event.id,
        )
        tx.record(event, sealer=operator.sealer)
    return Added(member.id)


def grant_role(
    grant: RoleGrant, operator: Operator, *, at: datetime, store: Store
) -> Added | NotAdded:
    """Give someone a role in an organisation, for a period."""
    with store.begin(at=at) as tx:
        missing = _missing(tx, grant.staff_id, grant.organisation_id)
        if missing:
            return _refused(tx, "role", missing, operator, at=at)
        for held in grants_of(tx, grant.staff_id):
            if held.ended_at is None and _doubles(held, grant):
                why = f"they have that role there already, from {held.period.valid_from}"
                return _refused(tx, "role", why, operator, at=at)
        event = operator.event(
            "role.granted",
            at=at,
            about={"staff": grant.staff_id, "organisation": grant.organisation_id},
            detail={
                "role": grant.role,
                "from": grant.period.valid_from.isoformat(),
                "until": _day(grant.period.valid_until),
                "grant": grant.id,
            },
        )
        insert_role_grant(tx, grant, entry_id=event.id)
        tx.record(event, sealer=operator.sealer)
    return Added(grant.id)


def grant_delegation(
    new: Delegation, operator: Operator, *, at: datetime, store: Store
) -> Added | NotAdded:
    """Record that an organisation has delegated a decision, as its order stands when it begins.

    From then on its own people register and confirm. Law: KL 6 kap. 37 §, 7 kap. 5 §
    """
    with store.begin(at=at) as tx:
        missing = _missing(tx, new.staff_id, new.organisation_id)
        if missing:
            return _refused(tx, "delegation", missing, operator, at=at)
        for held in delegations_of(tx, new.organisation_id):
            if held.ended_at is None and _same_terms(held, new):
                why = f"that is delegated already, on the same terms, from {held.period.valid_from}"
                return _refused(tx, "delegation", why, operator, at=at)
        event = operator.event(
            "delegation.granted",
            at=at,
            about={"staff": new.staff_id, "organisation": new.organisation_id},
            detail={
                "decision": new.decision,
                "item": new.item,
                "role": new.role,
                "delegation": new.id,
                "from": new.period.valid_from.isoformat(),
                "until": _day(new.period.valid_until),
            },
        )
        insert_delegation(tx, replace(new, confirmed_at=at), entry_id=event.id)
        tx.record(event, sealer=operator.sealer)
    return Added(new.id)


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _doubles(held: RoleGrant, new: RoleGrant) -> bool:
    """Whether the new one would be held beside the old on any day."""
    same = (held.organisation_id, held.role) == (new.organisation_id, new.role)
    return same and held.period.overlaps(new.period)


def _same_terms(held: Delegation, new: Delegation) -> bool:
    """Whether they give the same to the same, for days of which some are the same."""
    same = (held.staff_id, held.role, held.decision, held.item)
    return same == (new.staff_id, new.role, new.decision, new.item) and held.period.overlaps(
        new.period
    )


def _missing(tx: Transaction, staff_id: str | None, organisation_id: str) -> str:
    if organisation_of(tx, organisation_id) is None:
        return f"there is no organisation with the id {organisation_id}"
    if staff_id is not None and staff_id not in staff_by_id(tx, [staff_id]):
        return f"there is no member of staff with the id {staff_id}"
    return ""


def _refused(
    tx: Transaction,
    what: Literal["organisation", "staff", "role", "delegation"],
    why: str,
    operator: Operator,
    *,
    at: datetime,
) -> NotAdded:
    refused = operator.event(f"{what}.add_refused", at=at, about={}, res="deny")
    tx.record(refused, sealer=operator.sealer)
    return NotAdded(why)
