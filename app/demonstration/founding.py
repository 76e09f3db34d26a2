"""The organisations, staff, roles and delegations, added as a technician adds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from app.demonstration.organisations import ORGANISATIONS
from app.demonstration.signed_in import WorldFault
from app.demonstration.staff import DISCLOSE, PASSWORD, STAFF, Employee
from app.domain.ids import new_id
from app.domain.organisation import Organisation, Period
from app.domain.staff import Delegation, RoleGrant, StaffMember
from app.flows.install import (
    Added,
    NotAdded,
    Operator,
    add_organisation,
    add_staff,
    grant_delegation,
    grant_role,
)
from app.identity.password import Passwords
from app.main import House, open_rings

OPERATOR = "demonstration"


def found_organisations(
    house: House,
    *,
    passwords: Passwords,
    at: datetime,
    on: date,
    organisations: Iterable[Organisation] = ORGANISATIONS,
    staff: Iterable[Employee] = STAFF,
) -> House:
    """Add everything that stands before the first case; the house with everybody's keys open.

    Roles and delegations hold from `on`.
    """
    operator = house.operator(OPERATOR)
    for one in organisations:
        _added(add_organisation(one, operator, at=at, store=house.store, keyring=house.keyring))
    # One hash for all: it is one password, known to everybody, and each hash costs time.
    password_hash = passwords.hash(PASSWORD)
    for employee in staff:
        _employ(house, operator, employee, password_hash, at=at, on=on)
    return replace(house, rings=open_rings(house.store, house.keyring, clock=lambda: at))


def _employ(
    house: House,
    operator: Operator,
    employee: Employee,
    password_hash: str,
    *,
    at: datetime,
    on: date,
) -> None:
    member = StaffMember(id=new_id(at), name=employee.name, title=employee.title)
    _added(add_staff(member, employee.username, password_hash, operator, at=at, store=house.store))
    period = Period(valid_from=on)
    for organisation_id in employee.organisations:
        for role in (employee.role, *employee.beside):
            grant = RoleGrant(
                id=new_id(at),
                staff_id=member.id,
                organisation_id=organisation_id,
                role=role,
                period=period,
            )
            _added(grant_role(grant, operator, at=at, store=house.store))
        if employee.item:
            delegation = Delegation(
                id=new_id(at),
                organisation_id=organisation_id,
                staff_id=member.id,
                role=None,
                decision=DISCLOSE,
                item=employee.item,
                period=period,
            )
            _added(grant_delegation(delegation, operator, at=at, store=house.store))


def _added(outcome: Added | NotAdded) -> None:
    if isinstance(outcome, NotAdded):
        raise WorldFault(outcome.why)
