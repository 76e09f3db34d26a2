"""`sluss`: what is done from a terminal. Errors are sentences a person can act on."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path

from app.access_commands import add_access_commands
from app.config import Config, ConfigError
from app.config import load as load_config
from app.demonstration_commands import add_demonstration_commands
from app.domain.account import LONGEST_USERNAME, parse_username
from app.domain.ids import new_id
from app.domain.organisation import Organisation, Period
from app.domain.problem import Problem
from app.domain.staff import Delegation, RoleGrant, StaffMember
from app.flows.install import (
    Added,
    NotAdded,
    add_organisation,
    add_staff,
    grant_delegation,
    grant_role,
)
from app.identity.password import Passwords, problems_with_password
from app.index_command import add_index_command
from app.keys import KeyFault
from app.main import CannotStart, House, install, make_form_key, migrate, open_house
from app.new_log_command import add_new_log_command
from app.pack_command import add_pack_command
from app.purge_command import add_purge_command
from app.records.errors import StoreFault
from app.review_commands import add_review_commands
from app.root_command import add_root_command
from app.serving import serve
from app.signer_commands import add_signer_commands
from app.signer_files import public_key_file
from audit.errors import AuditFault
from policies import PackError

DEFAULT_CONFIG = Path("config.toml")
FAULTS = (ConfigError, CannotStart, KeyFault, StoreFault, PackError, AuditFault)

OK, WRONG, USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0 done, 1 refused or failed, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except FAULTS as fault:
        print(f"sluss: {fault}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sluss",
        description="Disclose one case note to another authority when, and only when, the law "
        "in force that day allows it.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_service_commands(commands)
    add_signer_commands(partial(_command, commands), _operator)
    add_root_command(partial(_command, commands), _operator)
    add_new_log_command(partial(_command, commands), _operator)
    add_review_commands(partial(_command, commands), _operator)
    add_purge_command(partial(_command, commands), _operator, _ask)
    add_index_command(partial(_command, commands), _operator)
    add_pack_command(partial(_command, commands), _operator)
    _add_replay_command(commands)
    _add_people_commands(commands)
    add_access_commands(partial(_command, commands), _operator, _ask)
    add_demonstration_commands(commands, _command, _bench)
    return parser


Commands = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], int],
    text: str,
    *,
    config: bool = True,
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=text, description=text)
    made.set_defaults(run=run)
    if config:
        made.add_argument(
            "--config",
            type=Path,
            default=DEFAULT_CONFIG,
            metavar="FILE",
            help=f"the installation's configuration (default {DEFAULT_CONFIG})",
        )
    return made


def _add_service_commands(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
) -> None:
    init = _command(commands, "init", _init, "Make keys and tables for a new installation.")
    init.add_argument(
        "--form-key", action="store_true", help="only make a new form key where there is none"
    )
    _command(commands, "migrate", _migrate, "Bring the database to this version's tables.")
    _command(commands, "serve", _serve, "Serve the pages until stopped.")


def _add_replay_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = (
        "Decide again from the sealed facts and the pack of that day; the bytes must be the same."
    )
    replay = _command(commands, "replay", _replay, text)
    replay.add_argument(
        "decision",
        metavar="DECISION",
        help="id of the disclosure or the refusal, as its entry in the log tells it",
    )
    replay.add_argument("--json", action="store_true", help="one line of JSON")


def _replay(options: argparse.Namespace) -> int:
    from app.replay_command import replay

    house = open_house(load_config(options.config))
    try:
        return replay(house, options.decision, operator=_operator(), as_json=options.json)
    finally:
        house.close()


def _add_people_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    organisation = _command(
        commands, "add-organisation", _add_organisation, "Add an organisation and its keys."
    )
    for name, text in (
        ("id", "short id, e.g. sunne-soc"),
        ("name", "name as staff know it"),
        ("kind", "kind of organisation in the rule pack, e.g. SOC"),
        ("authority", "name of the authority (board) it belongs to"),
        ("controller", "who answers for the personal data"),
    ):
        organisation.add_argument(f"--{name}", required=True, help=text)
    organisation.add_argument("--municipality", default="", help="empty if it belongs to none")
    organisation.add_argument(
        "--authority-from",
        type=date.fromisoformat,
        metavar="DATE",
        help="first day on which it is an authority; left out if it never is one",
    )
    organisation.add_argument(
        "--undo-seconds",
        type=int,
        default=120,
        metavar="N",
        help="how long a disclosure can be stopped before it leaves (default 120)",
    )
    staff = _command(
        commands, "add-staff", _add_staff, "Add a member of staff; asks for a first password."
    )
    for name, text in (("name", "full name"), ("title", "title"), ("username", "user name")):
        staff.add_argument(f"--{name}", required=True, help=text)
    for name, run, what, text in (
        ("grant-role", _grant_role, "role", "Give someone a role in an organisation."),
        (
            "grant-delegation",
            _grant_delegation,
            "decision",
            "Record who may take a decision for the board.",
        ),
    ):
        grant = _command(commands, name, run, text)
        _add_grant_arguments(grant, what)
        if name == "grant-delegation":
            grant.add_argument("--to-role", metavar="ROLE", help="instead of --staff")
            grant.add_argument("--item", required=True, help="its place in the delegation order")


def _add_grant_arguments(grant: argparse.ArgumentParser, what: str) -> None:
    """What a role and a delegation are given by alike."""
    grant.add_argument("--organisation", required=True, metavar="ID", help="where it holds")
    grant.add_argument(f"--{what}", required=True, help=f"code of the {what} in the rule pack")
    grant.add_argument("--staff", required=what == "role", metavar="ID", help="who is to have it")
    for flag, dest, required, day in (
        ("--from", "start", True, "first day, YYYY-MM-DD"),
        ("--until", "until", False, "last day, YYYY-MM-DD; left out if none is set"),
    ):
        grant.add_argument(
            flag,
            dest=dest,
            type=date.fromisoformat,
            required=required,
            metavar="DATE",
            help=day,
        )


def _init(options: argparse.Namespace) -> int:
    config = load_config(options.config)
    if options.form_key:
        make_form_key(config)
        print(f"Made {config.keys.forms}.")
        return OK
    install(config, operator_name=_operator())
    print(
        f"Made the root key {config.keys.root}: keep a copy where the database is not.\n"
        f"The log's public keys, for whoever will check it: {public_key_file(config)}\n"
        "Next: sluss add-organisation, add-staff, grant-role, grant-delegation; then sluss serve "
        "and, as another process, sluss seal --every 5."
    )
    return OK


def _migrate(options: argparse.Namespace) -> int:
    migrate(load_config(options.config))
    print("The database has this version's tables.")
    return OK


def _serve(options: argparse.Namespace) -> int:
    config = load_config(options.config)
    address = f"http://{config.service.host}:{config.service.port}/"
    serve(config, announce=lambda: print(f"Sluss answers on {address}", flush=True))
    return OK


def _in_house(options: argparse.Namespace, act: Callable[[House], Added | NotAdded]) -> int:
    house = open_house(load_config(options.config))
    try:
        outcome = act(house)
    finally:
        house.close()
    if isinstance(outcome, NotAdded):
        print(f"sluss: {outcome.why}", file=sys.stderr)
        return WRONG
    print(outcome.id)
    return OK


def _add_organisation(options: argparse.Namespace) -> int:
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
        return add_organisation(
            new,
            house.operator(_operator()),
            at=house.clock(),
            store=house.store,
            keyring=house.keyring,
        )

    return _in_house(options, act)


def _add_staff(options: argparse.Namespace) -> int:
    named = parse_username(options.username)
    if isinstance(named, Problem):
        what = "is empty" if named.code == "user_name_missing" else "is too long"
        print(f"sluss: the user name {what}; it has 1 to {LONGEST_USERNAME} signs", file=sys.stderr)
        return WRONG
    password = _ask("First password: ")
    if problems_with_password(password, username=options.username):
        print("sluss: the password is too short, too simple or the user name", file=sys.stderr)
        return WRONG

    def act(house: House) -> Added | NotAdded:
        at = house.clock()
        return add_staff(
            StaffMember(id=new_id(at), name=options.name, title=options.title),
            options.username,
            Passwords().hash(password),
            house.operator(_operator()),
            at=at,
            store=house.store,
        )

    return _in_house(options, act)


def _grant_role(options: argparse.Namespace) -> int:
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
                period=Period(valid_from=options.start, valid_until=options.until),
            ),
            house.operator(_operator()),
            at=at,
            store=house.store,
        )

    return _in_house(options, act)


def _grant_delegation(options: argparse.Namespace) -> int:
    if (options.staff is None) == (options.to_role is None):
        print("sluss: name either --staff or --to-role", file=sys.stderr)
        return USAGE

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
                period=Period(valid_from=options.start, valid_until=options.until),
            ),
            house.operator(_operator()),
            at=at,
            store=house.store,
        )

    return _in_house(options, act)


def _bench(options: argparse.Namespace) -> int:
    from app.bench import run_bench
    from app.bench.tampering.campaign import print_campaign

    if options.faults:
        from app.bench.faults.campaign import print_campaign as crash

        return OK if crash(kills=180, crashes=20, seed=options.seed) else WRONG
    if options.tamper is not None:
        return OK if print_campaign(options.tamper, seed=options.seed) else WRONG
    names, server = options.names, os.environ.get("SLUSS_TEST_POSTGRES")
    return run_bench(["signals"] if options.signals else names, as_json=options.json, server=server)


def _ask(prompt: str) -> str:
    """A password typed by a person, or given on standard input."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else input()


def _operator() -> str:
    """The name of the account on the machine; the log tells who ran the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


__all__ = ["Config", "main"]

if __name__ == "__main__":
    sys.exit(main())
