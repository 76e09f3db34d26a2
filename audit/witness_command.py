"""python -m audit witness: countersign a partner's log, from this folder alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from audit.errors import AuditFault, CannotRead
from audit.key_list import KnownKey

PORT = 8090

_ABOUT = """\
Countersign another party's log, only where it has grown from what you last signed.

You see its size and root, and no entry. Whoever checks an export of the log, with your public key,
then knows that the log was not cut or rewritten behind your signatures.
"""


def witness_arguments(
    parser: argparse.ArgumentParser,
    *,
    keys: Callable[[str], list[KnownKey]],
    clock: Callable[[], datetime],
) -> None:
    """What the command takes. `keys` reads public keys, `clock` gives aware UTC."""
    parser.description = _ABOUT
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "examples:\n"
        "  python -m audit witness init vittne --name karlstad.example/vittne --log sluss.vkey\n"
        "  python -m audit witness serve vittne\n"
        "Give the log the address and the key that init prints; put HTTPS in front of serve."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    init = commands.add_parser("init", help="make a witness: its keys, and whose log it signs")
    init.add_argument("folder", type=Path, metavar="FOLDER", help="a folder of its own")
    init.add_argument("--name", required=True, help="its name, such as karlstad.example/vittne")
    init.add_argument(
        "--log",
        required=True,
        action="append",
        metavar="PUBKEY",
        help="public key of a log, or a file with one key a line; again for each further one",
    )
    init.set_defaults(run=lambda parsed: _told(lambda: _init(parsed, keys)))
    serve = commands.add_parser("serve", help="answer the log until stopped")
    serve.add_argument("folder", type=Path, metavar="FOLDER", help="the folder that init made")
    serve.add_argument("--host", default="127.0.0.1", help="address (default 127.0.0.1)")
    serve.add_argument("--port", type=_port, default=PORT, help=f"port (default {PORT})")
    serve.set_defaults(run=lambda parsed: _told(lambda: _serve(parsed, clock)))


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port; there are 0 to 65535")
    return port


def _told(act: Callable[[], int]) -> int:
    try:
        return act()
    except (AuditFault, CannotRead) as fault:
        _say(f"witness: {fault}")
    except OSError as error:
        _say(f"witness: {error.strerror or error}")
    except KeyboardInterrupt:
        return 130
    return 2


def _init(parsed: argparse.Namespace, keys: Callable[[str], list[KnownKey]]) -> int:
    # Imported here, because a verifier on Windows has no such locks and needs none.
    from audit.witness import PUBLIC, create_witness

    logs = [key for text in parsed.log for key in keys(text)]
    create_witness(parsed.folder, name=parsed.name, logs=logs)
    public = parsed.folder / PUBLIC
    _say(f"Made a witness. Its public keys, for the log and for whoever verifies: {public}")
    return 0


def _serve(parsed: argparse.Namespace, clock: Callable[[], datetime]) -> int:
    from audit.witness import open_witness
    from audit.witness_server import WitnessServer

    witness = open_witness(parsed.folder)
    with WitnessServer(witness, (parsed.host, parsed.port), clock=clock, say=_say) as server:
        names = ", ".join(sorted({item.key.name for item in witness.logs}))
        _say(f"Witness on http://{parsed.host}:{server.server_address[1]} for {names}")
        server.serve_forever()
    return 0


def _say(line: str) -> None:
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)
    sys.stderr.write(f"{shown}\n")
    sys.stderr.flush()
