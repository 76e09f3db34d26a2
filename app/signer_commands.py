"""The commands about the signed log: `sluss seal`, `rotate-keys`, `timestamp` and more."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Thread

from app.changed_keys import complete_signer, tell_changed_keys
from app.config import Config
from app.config import load as load_config
from app.demonstration.terminal import Progress, complain, say
from app.flows.give_receipt import NoSuchEntry, give_receipt
from app.flows.install import NotAdded
from app.flows.renew_ring import Resealed, destroy_old_rings, renew_ring, reseal
from app.flows.seal_log import needs_seal, seal_log
from app.flows.timestamp_log import NotStamped, StampService, timestamp_log
from app.flows.witness_log import witness_log
from app.keys import KeyFault
from app.main import (
    CannotStart,
    Clock,
    open_house,
    open_signers_store,
    system_clock,
)
from app.records.audit_log import latest_checkpoint
from app.records.errors import StoreFault
from app.records.store import Store
from app.signer_files import public_key_file, signer_files, stamp_service_of, witnesses_of
from audit.errors import AuditFault
from audit.signer import Refused
from audit.signer_keys import SignerFiles, retire_signer_keys, rotate_signer_keys
from audit.witnessing import Witnesses

Run = Callable[[argparse.Namespace], int]
AddCommand = Callable[[str, Run, str], argparse.ArgumentParser]

LOOK_SECONDS = 0.5
SHORTEST_SECONDS, LONGEST_SECONDS = 0.5, 3600
"""How often the signer looks whether something is due before its time."""
RETRY_SECONDS = 5.0
"""Between two rounds when a witness has not signed."""
STAMP_SECONDS = 60.0
"""How often it is seen whether a time stamp is due."""
PASSING = "outside-unwritable"
"""The one refusal that may go away by itself: the other host's disk is back."""


def add_signer_commands(add: AddCommand, operator: Callable[[], str]) -> None:
    """Add them with `add`; `operator` names whoever runs one."""
    seal = add("seal", partial(_seal, operator), "Sign the log, once or every few seconds.")
    seal.add_argument(
        "--every",
        type=_seconds,
        metavar="SECONDS",
        help="go on until stopped; sign when this long has passed, after 256 entries, and at once "
        "what was done on somebody's own responsibility or leaves in an export",
    )
    rotate = add(
        "rotate-keys",
        partial(_rotate, operator),
        "Replace the keys that sign the log, the old ones signing beside them until retired; or, "
        "with --organisation, renew an organisation's key ring.",
    )
    rotate.add_argument(
        "--organisation",
        metavar="ID",
        help="give it a new version of its ring, and seal all that the old one sealed anew; goes "
        "on with a renewal that was stopped",
    )
    rotate.add_argument(
        "--destroy",
        action="store_true",
        help="with --organisation: destroy the older versions of its ring, once nothing is sealed "
        "under them; restart the service before",
    )
    rotate.add_argument(
        "--retire",
        action="store_true",
        help="end the overlap, once everybody who checks the log has the new public keys",
    )
    about = "Have the newest checkpoint stamped with the time by the configured service, now."
    add("timestamp", _timestamp, about)
    newest = add("checkpoint", _checkpoint, "Print the newest signed checkpoint of the log.")
    about = "Print the proof that one entry is in the log; checked by `python -m audit receipt`."
    given = add("receipt", partial(_receipt, operator), about)
    given.add_argument("entry", metavar="ENTRY", help="the entry's id, or its index from 0")
    for made in (newest, given):
        made.add_argument("--seal", action="store_true", help="have the log signed first")
        made.add_argument(
            "--into", type=Path, metavar="FILE", help="a new file, instead of printing"
        )


def _seal(operator: Callable[[], str], options: argparse.Namespace) -> int:
    config = load_config(options.config)
    if complete_signer(config, operator_name=operator()):
        say("the log now has an ML-DSA-44 key too; give its public keys to those who check")
    store = open_signers_store(config)
    try:
        if options.every is None:
            return _seal_once(config, store, tell=say)
        service, witnesses = stamp_service_of(config), witnesses_of(config)
        if service is not None:
            Thread(
                target=keep_timestamping,
                args=(service, store),
                kwargs={"clock": system_clock},
                daemon=True,
            ).start()
        if witnesses.known:
            Thread(
                target=keep_witnessing,
                args=(witnesses, store),
                kwargs={"clock": system_clock},
                daemon=True,
            ).start()
        return keep_sealing(signer_files(config), store, every=options.every, clock=system_clock)
    finally:
        store.close()


def _seconds(text: str) -> float:
    seconds = float(text)
    if not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
        raise argparse.ArgumentTypeError(
            f"{text} is not between {SHORTEST_SECONDS} and {LONGEST_SECONDS} seconds"
        )
    return seconds


def _rotate(operator: Callable[[], str], options: argparse.Namespace) -> int:
    if options.organisation and options.retire:
        sys.stderr.write(
            "sluss: --retire ends an overlap of the log's keys and goes with no --organisation; "
            "nothing was changed\n"
        )
        return 2
    if options.destroy and not options.organisation:
        sys.stderr.write("sluss: --destroy goes with --organisation; nothing was changed\n")
        return 2
    config = load_config(options.config)
    if options.organisation and options.destroy:
        return _destroy(config, options.organisation, operator())
    if options.organisation:
        return _renew(config, options.organisation, operator())
    files = signer_files(config)
    change = retire_signer_keys if options.retire else rotate_signer_keys
    listed = change(files.key, files.state)
    told = tell_changed_keys(config, listed, operator_name=operator())
    where = public_key_file(config)
    if options.retire:
        say(f"the old keys sign no more; {where} says up to which size they are good")
    else:
        say(
            f"new keys sign beside the old ones. Give {where} to everybody who checks the log and "
            "to its witnesses; then run `sluss rotate-keys --retire`"
        )
    if not told:
        say("the log is told of it when the service next starts")
    return 0


def _renew(config: Config, organisation_id: str, operator: str) -> int:
    house = open_house(config, as_owner=True)
    try:
        who, at = house.operator(operator), house.clock()
        done = renew_ring(
            organisation_id, who, at=at, store=house.store, keyring=house.keyring, rings=house.rings
        )
        if isinstance(done, NotAdded):
            complain(done.why)
            return 1
        say(f"{organisation_id} has version {done.version} of its ring")
        who = house.operator(operator)  # whose own ring may be the one that is new
        progress, so_far = Progress("rows"), Resealed(0, 0)
        for so_far in reseal(organisation_id, who, at=at, store=house.store, rings=house.rings):
            progress(so_far.done, so_far.done + so_far.left)
    finally:
        house.close()
    say(f"{so_far.done} rows were sealed anew under it")
    if so_far.left:
        complain(
            f"{so_far.left} came meanwhile under the older; restart the service, and run it again"
        )
        return 1
    say(
        "nothing is left under the older versions. Restart the service; then --destroy, and when "
        "the backups from before are destroyed too, nothing can be read with them"
    )
    return 0


def _destroy(config: Config, organisation_id: str, operator: str) -> int:
    house = open_house(config, as_owner=True)
    try:
        who, at = house.operator(operator), house.clock()
        done = destroy_old_rings(organisation_id, who, at=at, store=house.store, rings=house.rings)
    finally:
        house.close()
    if isinstance(done, NotAdded):
        complain(done.why)
        return 1
    gone = ", ".join(str(one) for one in done.versions) or "none, as there was no older"
    say(f"destroyed of {organisation_id}: version {gone}")
    return 0


def _checkpoint(options: argparse.Namespace) -> int:
    config = load_config(options.config)
    store = open_signers_store(config)
    try:
        if options.seal and _seal_once(config, store, tell=complain) != 0:
            return 1
        with store.look(at=system_clock()) as tx:
            newest = latest_checkpoint(tx)
    finally:
        store.close()
    if newest is None:
        complain("the log has no checkpoint yet; run `sluss seal`")
        return 1
    _write(newest.note, options.into)
    return 0


def _timestamp(options: argparse.Namespace) -> int:
    config = load_config(options.config)
    service = stamp_service_of(config)
    if service is None:
        complain("[timestamps] names no service")
        return 1
    store = open_signers_store(config)
    try:
        done = timestamp_log(service, at=system_clock(), store=store, now=True)
    finally:
        store.close()
    if isinstance(done, NotStamped):
        complain(f"not time stamped: {done.why}")
        return 1
    if done is None:
        say("there is no checkpoint that is not stamped already")
        return 0
    say(f"{done.size} entries were there at {done.at.isoformat()}, says the service")
    return 0


def _receipt(operator: Callable[[], str], options: argparse.Namespace) -> int:
    house = open_house(load_config(options.config))
    try:
        if options.seal and _seal_now(house.config) != 0:
            return 1
        who = house.operator(operator())
        made = give_receipt(options.entry, who, at=house.clock(), store=house.store)
    finally:
        house.close()
    if isinstance(made, NoSuchEntry):
        complain(f"the log has no entry {options.entry}; give its id, or its index from 0")
        return 1
    _write(made.to_bytes(), options.into)
    return 0


def _seal_now(config: Config) -> int:
    store = open_signers_store(config)
    try:
        return _seal_once(config, store, tell=complain)
    finally:
        store.close()


def _seal_once(config: Config, store: Store, *, tell: Callable[[str], None]) -> int:
    """`tell` goes where what else the command prints is not."""
    outcome = seal_log(signer_files(config), at=system_clock(), store=store)
    if isinstance(outcome, Refused):
        complain(_in_words(outcome))
        return 1
    size = outcome.checkpoint.size
    new = f"signed {size} entries"
    tell(f"nothing is new since {size} entries were signed" if outcome.repeated else new)
    return 0


def _write(data: bytes, into: Path | None) -> None:
    if into is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    try:
        with into.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise CannotStart(f"{into} cannot be written: {error.strerror}") from error
    complain(f"written: {into}")


def keep_sealing(
    signer: SignerFiles,
    store: Store,
    *,
    every: float,
    clock: Clock,
    sleep: Callable[[float], object] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> int:
    """Sign until stopped. Ends, with 1, only where signing on would be signing something false."""
    signed, due, said = 0, monotonic(), ""
    while True:
        told = ""
        try:
            if needs_seal(signed, overdue=monotonic() >= due, at=clock(), store=store):
                outcome = seal_log(signer, at=clock(), store=store)
                due = monotonic() + every
                if not isinstance(outcome, Refused):
                    signed = outcome.checkpoint.size
                else:
                    told = _in_words(outcome)
                    if outcome.reason != PASSING:
                        complain(told)
                        return 1
        except StoreFault as fault:  # the database is busy, or starts anew; nothing is lost
            told = str(fault)
        if told and told != said:
            complain(told)
        said = told or said
        sleep(min(LOOK_SECONDS, every))


def keep_witnessing(
    witnesses: Witnesses,
    store: Store,
    *,
    clock: Clock,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Have each new checkpoint countersigned, until stopped. What fails is tried again."""
    said: set[str] = set()
    while True:
        told, pause = set(), LOOK_SECONDS
        try:
            done = witness_log(witnesses, at=clock(), store=store)
            told = {one.message for one in done.refused} if done else set()
        except (StoreFault, AuditFault) as fault:
            told = {str(fault)}
        for line in sorted(told - said):
            complain(f"not witnessed: {line}")
        if told:
            pause = RETRY_SECONDS
        said = told
        sleep(pause)


def keep_timestamping(
    service: StampService,
    store: Store,
    *,
    clock: Clock,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Have a checkpoint stamped whenever it is time, until stopped. What fails is tried again."""
    said = ""
    while True:
        told = ""
        try:
            done = timestamp_log(service, at=clock(), store=store)
            told = done.why if isinstance(done, NotStamped) else ""
        except (StoreFault, KeyFault, AuditFault) as fault:
            told = str(fault)
        if told and told != said:
            complain(f"not time stamped: {told}")
        said = told
        sleep(STAMP_SECONDS)


def _in_words(refused: Refused) -> str:
    return f"not signed ({refused.reason}): {refused.message}"
