"""`sluss new-log`: go on under a new name where the signer rightly refuses to sign the old log."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from app.config import Config
from app.config import load as load_config
from app.demonstration.terminal import say
from app.flows.begin_log import begin_log
from app.flows.seal_log import seal_log
from app.flows.tell_log_keys import tell_log_keys
from app.main import CannotStart, House, open_house, open_signers_store, system_clock
from app.signer_files import last_signed, signer_files
from audit.checkpoint import Checkpoint, SigningKey, open_checkpoint
from audit.errors import AuditFault, NoteError
from audit.outside import read_notes
from audit.signer import Refused, SignerState, load_signing_key
from audit.signer_keys import SignerFiles, create_signer_keys, public_list, read_key_list

AddCommand = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]

CURABLE = ("outside-unwritable", "state-unwritable")
"""Refusals that go away when a disk is back; no log ends for them."""


def add_new_log_command(add: AddCommand, operator: Callable[[], str]) -> None:
    """Add it with `add`; `operator` names whoever runs it."""

    def run(options: argparse.Namespace) -> int:
        config = load_config(options.config)
        house = open_house(config, behind=True)
        try:
            return _run(config, house, options, operator())
        finally:
            house.close()

    about = (
        "After a backup was restored: begin the signed log under a new name, with a first entry "
        "that says how far the old one had come. Refuses while the old one can be signed."
    )
    made = add("new-log", run, about)
    made.add_argument("--name", required=True, help="the new name, such as sluss.example.se/log2")
    made.add_argument(
        "--into", required=True, type=Path, metavar="FOLDER", help="a new folder for its signer"
    )
    made.add_argument(
        "--because",
        required=True,
        metavar="TEXT",
        help="what happened and who decided, in a sentence that the log keeps",
    )
    made.add_argument(
        "--last",
        type=Path,
        metavar="FILE",
        help="a checkpoint of the old name that somebody has kept, where that is the newest known",
    )


def _run(config: Config, house: House, options: argparse.Namespace, operator: str) -> int:
    old = signer_files(config)
    key, because = load_signing_key(old.key), " ".join(options.because.split())
    if options.name == key.name or not because:
        say("Nothing was begun: it needs another name than the old log's, and a reason.")
        return 2
    refused = _refused(config, old)
    if refused is None or refused.reason in CURABLE:
        why = f"not signed ({refused.reason}): {refused.message}" if refused else "it was signed"
        say(f"Nothing was begun: the old log goes on by itself; {why}.")
        return 1
    known = _known(old, options.last)
    if not known:
        say("Nothing was begun: no checkpoint of the old log is known. Give one with --last FILE.")
        return 1
    new = _files(options.into, options.name)
    who, at, store = house.operator(operator), house.clock(), house.store
    left = begin_log(
        options.name, known, refused.reason, because, who, at=at, store=store, rings=house.rings
    )
    listed = create_signer_keys(new.key, new.state.path, name=options.name, at=at)
    tell_log_keys(listed, who, at=at, store=store)
    again = _refused(config, new)
    if again is not None:
        say(f"The new log was not signed ({again.reason}): {again.message}")
        return 1
    told = f"{left.least}" if left.least == left.most else f"{left.least} to {left.most}"
    say(
        f"{options.name} has begun. {key.name} had come to {known[-1].size} entries, of which "
        f"{told} are left; {public_list(old.key)} and all its checkpoints are to be kept.\n"
        f"Now under [signer]: origin, key = {str(new.key)!r}, state = {str(new.state.path)!r}, and "
        f"a new file for outside. Give {public_list(new.key)} to all who check and to witnesses."
    )
    return 0


def _files(folder: Path, name: str) -> SignerFiles:
    """Where the new signer's files will lie. Raises CannotStart where something lies there."""
    try:
        SigningKey(name, bytes(32))
        folder.mkdir(parents=True, mode=0o700)
    except AuditFault as fault:
        raise CannotStart(f"{name!r} is no name for a log: {fault}") from None
    except OSError as error:
        raise CannotStart(f"{folder} cannot be made: {error.strerror}") from None
    return SignerFiles(folder / "signer.key", SignerState(folder / "signer.state"))


def _refused(config: Config, signer: SignerFiles) -> Refused | None:
    """Why the signer does not sign; None if it has."""
    store = open_signers_store(config)
    try:
        outcome = seal_log(signer, at=system_clock(), store=store)
    finally:
        store.close()
    return outcome if isinstance(outcome, Refused) else None


def _known(old: SignerFiles, kept: Path | None) -> list[Checkpoint]:
    """Every checkpoint known of the old name: remembered, kept outside, or given. Latest last.

    Raises AuditFault at a file that is given and holds no checkpoint by its keys.
    """
    keys = [item.key for item in read_key_list(old.key)]
    found = []
    try:
        outside = old.outside.path if old.outside else None
        for note in read_notes(outside.read_bytes()) if outside and outside.exists() else ():
            with suppress(NoteError):  # a line by another key says nothing of this log
                found.append(open_checkpoint(note, keys))
        last = last_signed(old)
        notes = read_notes(kept.read_bytes()) if kept else ()
        found += [open_checkpoint(note, keys) for note in notes]
    except OSError as error:
        raise CannotStart(f"{error.filename} cannot be read: {error.strerror}") from None
    found += [last] if last else []
    return sorted((one for one in found if one.size), key=lambda one: one.size)
