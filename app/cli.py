"""`sluss`: what is done from a terminal. Errors are sentences a person can act on."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from app.access_commands import add_access_commands
from app.config import Config, ConfigError
from app.config import load as load_config
from app.demonstration_commands import add_demonstration_commands
from app.index_command import add_index_command
from app.keys import KeyFault
from app.main import CannotStart, install, make_form_key, migrate, open_house
from app.new_log_command import add_new_log_command
from app.pack_command import add_pack_command
from app.people_commands import add_people_commands
from app.purge_command import add_purge_command
from app.records.errors import StoreFault
from app.review_commands import add_review_commands
from app.root_command import add_root_command
from app.serving import serve
from app.signer_commands import add_signer_commands
from app.signer_files import public_key_file
from app.typed_password import new_password
from audit.errors import AuditFault
from policies import PackError

DEFAULT_CONFIG = Path("config.toml")
FAULTS = (ConfigError, CannotStart, KeyFault, StoreFault, PackError, AuditFault)
NOTHING_TYPED = (
    "sluss: no password was given, and nothing was done; run it in a terminal and type one, or "
    "give it as a line on standard input"
)

OK, WRONG = 0, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0 done, 1 refused or failed, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except FAULTS as fault:
        print(f"sluss: {fault}", file=sys.stderr)
        return WRONG
    except EOFError:
        print(NOTHING_TYPED, file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sluss",
        description="Disclose one case note to another authority when, and only when, the law "
        "in force that day allows it.",
    )
    asks = partial(new_password, _ask, sys.stdin.isatty())
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
    add_people_commands(partial(_command, commands), _operator, asks)
    add_access_commands(partial(_command, commands), _operator, asks)
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
    """A password typed by a person or given on standard input. Raises EOFError where neither is."""
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
