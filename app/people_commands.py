"""The commands that let people in: organisations, staff, their roles and delegations."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from app.config import load as load_config
from app.demonstration.terminal import complain, say
from app.domain.account import LONGEST_USERNAME, parse_username
from app.domain.ids import new_id
from app.domain.organisation import Organisation, Period
from app.domain.problem import Problem
from app.domain.staff import Delegation, RoleGrant, StaffMember
from app.flows.install import (
    ROOT_MOVES,
    Added,
    NotAdded,
    add_organisation,
    add_staff,
    grant_delegation,
    grant_role,
    refuse_taken,
)
from app.identity.password import Passwords
from app.main import House, open_house, root_files
from app.typed_arguments import authority, day, identifier, named, undo_seconds
from app.typed_password import AskNew, NoPassword

Run = Callable[[argparse.Namespace], int]
AddCommand = Callable[[str, Run, str], argparse.ArgumentParser]


def add_people_commands(add: AddCommand, operator: Callable[[], str], new_password: AskNew) -> None:
    """Add them with `add`; `operator` names whoever runs one, `new_password` asks for one."""
    _add_organisation_command(add, operator)
    staff = add(
        "add-staff",
        lambda options: _add_staff(options, operator(), new_password),
        "Add a member of staff; asks for a first password.",
    )
    for name, text in (("name", "full name"), ("title", "title")):
        staff.add_argument(f"--{name}", type=named, required=True, help=text)
    staff.add_argument("--username", required=True, help="user name, without spaces")
    role = add(
        "grant-role",
        lambda options: _grant_role(options, operator()),
        "Give someone a role in an organisation.",
    )
    _add_grant_arguments(role, "role")
    delegation = add(
        "grant-delegation",
        lambda options: _grant_delegation(options, operator()),
        "Record who may take a decision for the board.",
    )
    _add_grant_arguments(delegation, "decision")
    delegation.add_argument("--to-role", metavar="ROLE", help="instead of --staff")
    delegation.add_argument(
        "--item", type=named, required=True, help="its place in the delegation order"
    )


def _add_organisation_command(add: AddCommand, operator: Callable[[], str]) -> None:
    organisation = add(
        "add-organisation",
        lambda options: _add_organisation(options, operator()),
        "Add an organisation and its keys.",
    )
    for name, kind, text in (
        ("id", identifier, "short id, e.g. sunne-soc"),
        ("name", named, "name as staff know it"),
        ("kind", named, "kind of organisation in the rule pack, e.g. SOC"),
        ("authority", authority, "name of the authority (board) it belongs to"),
        ("controller", named, "who answers for the personal data"),
    ):
        organisation.add_argument(f"--{name}", type=kind, required=True, help=text)
    organisation.add_argument("--municipality", default="", help="empty if it belongs to none")
    organisation.add_argument(
        "--authority-from",
        type=day,
        metavar="DATE",
        help="first day on which it is an authority; left out if it never is one",
    )
    organisation.add_argument(
        "--undo-seconds",
        type=undo_seconds,
        default=120,
        metavar="N",
        help="how long a disclosure can be stopped before it leaves (default 120)",
    )


def _add_grant_arguments(grant: argparse.ArgumentParser, what: str) -> None:
    """What a role and a delegation are given by alike."""
    grant.add_argument("--organisation", required=True, metavar="ID", help="where it holds")
    grant.add_argument(f"--{what}", required=True, help=f"code of the {what} in the rule pack")
    grant.add_argument("--staff", required=what == "role", metavar="ID", help="who is to have it")
    for flag, dest, required, text in (
        ("--from", "start", True, "first day, YYYY-MM-DD"),
        ("--until", "until", False, "last day, YYYY-MM-DD; left out if none is set"),
    ):
        grant.add_argument(
            flag,
            dest=dest,
            type=day,
            required=required,
            metavar="DATE",
            help=text,
        )


def _in_house(options: argparse.Namespace, act: Callable[[House], Added | NotAdded]) -> int:
    house = open_house(load_config(options.config))
    try:
        outcome = act(house)
    finally:
        house.close()
    if isinstance(outcome, NotAdded):
        complain(outcome.why)
        return 1
    say(outcome.id)
    return 0


def _add_organisation(options: argparse.Namespace, operator: str) -> int:
    periods = (Period(valid_from=options.authority_from),) if options.authority_from else ()
    new = Organisation(
        id=options.id,
        name=options.name,
        kind=options.kind,
        authority_id=options.authority,
        authority_name=options.authority,
        municipality=options.municipality,
        controller=options.controller,
        authority_periods=periods,
        undo_seconds=options.undo_seconds,
    )

    def act(house: House) -> Added | NotAdded:
        known = {kind.code for kind in house.law.vocabulary.kinds.values()}
        if new.kind not in known:
            return NotAdded(
                f"{new.kind} is not a kind in the rule pack: {', '.join(sorted(known))}"
            )
        if root_files(house.config).next.exists():
            # Its ring would be sealed under the key that is on its way out.
            return NotAdded(ROOT_MOVES)
        return add_organisation(
            new,
            house.operator(operator),
            at=house.clock(),
            store=house.store,
            keyring=house.keyring,
        )

    return _in_house(options, act)


def _add_staff(options: argparse.Namespace, operator: str, new_password: AskNew) -> int:
    parsed = parse_username(options.username)
    if isinstance(parsed, Problem) or " " in parsed:
        complain(
            f"{options.username!r} is no user name; it has 1 to {LONGEST_USERNAME} signs, none of "
            "them a space"
        )
        return 1

    def act(house: House) -> Added | NotAdded:
        at, who = house.clock(), house.operator(operator)
        taken = refuse_taken(options.username, who, at=at, store=house.store)
        if taken is not None:
            return taken
        password = new_password("First password", options.username)
        if isinstance(password, NoPassword):
            return NotAdded(password.why)
        at = house.clock()  # somebody may have typed for long
        return add_staff(
            StaffMember(id=new_id(at), name=options.name, title=options.title),
            options.username,
            Passwords().hash(password),
            who,
            at=at,
            store=house.store,
        )

    return _in_house(options, act)


def _grant_role(options: argparse.Namespace, operator: str) -> int:
    period = _period_of(options)
    if period is None:
        return 2

    def act(house: House) -> Added | NotAdded:
        at, known = house.clock(), house.law.vocabulary.roles
        if options.role not in known:
            # It would be kept, and give nobody anything.
            return NotAdded(
                f"{options.role} is not a role in the rule pack: {', '.join(sorted(known))}"
            )
        return grant_role(
            RoleGrant(
                id=new_id(at),
                staff_id=options.staff,
                organisation_id=options.organisation,
                role=options.role,
                period=period,
            ),
            house.operator(operator),
            at=at,
            store=house.store,
        )

    return _in_house(options, act)


def _grant_delegation(options: argparse.Namespace, operator: str) -> int:
    if (options.staff is None) == (options.to_role is None):
        complain("name either --staff or --to-role")
        return 2
    period = _period_of(options)
    if period is None:
        return 2

    def act(house: House) -> Added | NotAdded:
        at = house.clock()
        return grant_delegation(
            Delegation(
                id=new_id(at),
                organisation_id=options.organisation,
                staff_id=options.staff,
                role=options.to_role,
                decision=options.decision,
                item=options.item,
                period=period,
            ),
            house.operator(operator),
            at=at,
            store=house.store,
        )

    return _in_house(options, act)


def _period_of(options: argparse.Namespace) -> Period | None:
    """The days asked for; None, with a complaint, where the last comes before the first."""
    if options.until is not None and options.until < options.start:
        complain("--until is an earlier day than --from")
        return None
    return Period(valid_from=options.start, valid_until=options.until)
