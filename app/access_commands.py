"""Commands for who may come in: list accounts, end a role, close an account, a new password."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from app.config import load as load_config
from app.demonstration.terminal import complain, say
from app.flows.end_access import (
    NothingEnded,
    Outcome,
    close_account,
    end_role,
    list_accounts,
    refuse_no_account,
    set_password,
)
from app.flows.install import Operator
from app.identity.password import Passwords
from app.main import House, open_house
from app.typed_password import AskNew, NoPassword

AddCommand = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
Act = Callable[[argparse.Namespace, House, Operator], Outcome]


def add_access_commands(add: AddCommand, operator: Callable[[], str], new_password: AskNew) -> None:
    """Add them with `add`; `operator` names whoever runs one, `new_password` asks for one."""

    def run(act: Act) -> Callable[[argparse.Namespace], int]:
        return lambda options: _run(options, act, operator())

    def listed(options: argparse.Namespace) -> int:
        return _list(options, operator())

    def renewed(options: argparse.Namespace) -> int:
        return _run(
            options,
            lambda options, house, who: _set_password(options.username, house, who, new_password),
            operator(),
        )

    add("list-staff", listed, "List who has an account: id, user name, name, roles held today.")
    role = add("end-role", run(_end_role), "Take a role away from someone, from now on.")
    role.add_argument("--organisation", required=True, metavar="ID", help="where it is held")
    role.add_argument("--staff", required=True, metavar="ID", help="who has it (see list-staff)")
    role.add_argument("--role", required=True, help="code of the role")
    closed = add(
        "close-account",
        run(_close),
        "Close the account of someone who leaves, and end their roles.",
    )
    closed.add_argument("--username", required=True, help="user name")
    lost = add("set-password", renewed, "Give someone who has lost theirs a new password.")
    lost.add_argument("--username", required=True, help="user name")


def _end_role(options: argparse.Namespace, house: House, who: Operator) -> Outcome:
    return end_role(
        options.staff,
        options.organisation,
        options.role,
        who,
        at=house.clock(),
        store=house.store,
    )


def _close(options: argparse.Namespace, house: House, who: Operator) -> Outcome:
    return close_account(options.username, who, at=house.clock(), store=house.store)


def _set_password(username: str, house: House, who: Operator, new_password: AskNew) -> Outcome:
    missing = refuse_no_account(username, who, at=house.clock(), store=house.store)
    if missing is not None:
        return missing
    password = new_password("New password", username)
    if isinstance(password, NoPassword):
        return NothingEnded(password.why)
    hashed = Passwords().hash(password)
    return set_password(username, hashed, who, at=house.clock(), store=house.store)


def _run(options: argparse.Namespace, act: Act, operator: str) -> int:
    house = open_house(load_config(options.config))
    try:
        outcome = act(options, house, house.operator(operator))
    finally:
        house.close()
    if isinstance(outcome, NothingEnded):
        complain(outcome.why)
        return 1
    say("Done.")
    return 0


def _list(options: argparse.Namespace, operator: str) -> int:
    house = open_house(load_config(options.config))
    try:
        found = list_accounts(house.operator(operator), at=house.clock(), store=house.store)
    finally:
        house.close()
    for one in found:
        roles = ", ".join(f"{role} in {where}" for where, role in one.roles) or "no role"
        closed = " (closed)" if one.closed else ""
        say(f"{one.staff_id}  {one.username}{closed}  {one.name}, {one.title}: {roles}")
    return 0
