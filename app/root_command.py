"""`sluss rotate-root`: another root key in the place of the one that there is.

The new key is written beside the old, the rings are sealed under it in one transaction, and then
it takes the old one's name. Stopped or killed anywhere, the same command goes on with it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import msgspec

from app.config import Config
from app.config import load as load_config
from app.demonstration.terminal import say
from app.flows.renew_root import renew_root, tell_root_destroyed
from app.keys import RootKey, RootKeyWrong
from app.keys.key_file import put_in_place, remove_private
from app.main import House, RootFiles, open_house, purpose_of, root_files

AddCommand = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]


def add_root_command(add: AddCommand, operator: Callable[[], str]) -> None:
    """Add it with `add`; `operator` names whoever runs it."""

    def run(options: argparse.Namespace) -> int:
        config = load_config(options.config)
        return _destroy(config, operator()) if options.destroy else _renew(config, operator())

    about = (
        "Make a new root key and seal every key ring under it; goes on with a renewal that was "
        "stopped. Run nothing else meanwhile, and restart the service afterwards."
    )
    made = add("rotate-root", run, about)
    made.add_argument(
        "--destroy",
        action="store_true",
        help="delete the file of the root key before, once the service has started with the new",
    )


def _renew(config: Config, operator: str) -> int:
    files = root_files(config)
    under_way = files.next.exists()
    if files.before.exists() and not under_way:
        say(
            f"{files.before} is still there: restart the service, and end the last renewal with "
            "`sluss rotate-root --destroy`; nothing was changed"
        )
        return 1
    purpose = purpose_of(config)
    make = RootKey.load if under_way else RootKey.create
    new = make(files.next, purpose)
    house = _opened(config, files)
    try:
        before = house.keyring.root_key_id
        if before != new.key_id:
            who, at = house.operator(operator), house.clock()
            done = renew_root(who, new, at=at, store=house.store, keyring=house.keyring)
            say(f"{done.rings} key rings are sealed under {new.key_id}, no longer {done.before}")
    finally:
        house.close()
    put_in_place(*files)
    say(
        f"{files.now} holds {new.key_id}: restart the service, and copy the file to where no "
        f"backup of the database is. {files.before} opens backups from before; when they are gone, "
        "`sluss rotate-root --destroy`"
    )
    return 0


def _opened(config: Config, files: RootFiles) -> House:
    """With the key that the rings are under: the next one, where a renewal was killed after it."""
    try:
        return open_house(config, as_owner=True)
    except RootKeyWrong:
        keys = msgspec.structs.replace(config.keys, root=str(files.next))
        return open_house(msgspec.structs.replace(config, keys=keys), as_owner=True)


def _destroy(config: Config, operator: str) -> int:
    files = root_files(config)
    if files.next.exists():
        say("a renewal is under way: run `sluss rotate-root` first; nothing was changed")
        return 1
    if not files.before.exists():
        say(f"there is no {files.before}; nothing was changed")
        return 1
    # Every ring is opened here, so the key that is deleted is needed for none of them.
    house = open_house(config, as_owner=True)
    try:
        old = RootKey.load(files.before, purpose_of(config))
        who, at = house.operator(operator), house.clock()
        tell_root_destroyed(who, old.key_id, at=at, store=house.store)
    finally:
        house.close()
    remove_private(files.before)
    say(f"{files.before} is deleted; destroy every other copy of {old.key_id} too")
    return 0
