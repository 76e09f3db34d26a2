"""The commands of the signer: `sluss seal`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from app.config import load as load_config
from app.demonstration.terminal import say
from app.flows.seal_log import needs_seal, seal_log
from app.main import Clock, complete_signer, signer_files, system_clock
from app.records.errors import StoreFault
from app.records.store import Store
from audit.signer import Refused
from audit.signer_keys import SignerFiles

Run = Callable[[argparse.Namespace], int]
AddCommand = Callable[[str, Run, str], argparse.ArgumentParser]

LOOK_SECONDS = 0.5
"""How often the signer looks whether something is due before its time."""
PASSING = "outside-unwritable"
"""The one refusal that may go away by itself: the other host's disk is back."""


def add_signer_commands(add: AddCommand, operator: Callable[[], str]) -> None:
    """Add them with `add`; `operator` names whoever runs one."""

    def seal(options: argparse.Namespace) -> int:
        config = load_config(options.config)
        if complete_signer(config, operator_name=operator()):
            _tell("the log now has an ML-DSA-44 key too; give its public keys to those who check")
        store = Store.open(config.storage.database)
        try:
            if options.every is not None:
                return keep_sealing(
                    signer_files(config), store, every=options.every, clock=system_clock
                )
            outcome = seal_log(signer_files(config), at=system_clock(), store=store)
        finally:
            store.close()
        if isinstance(outcome, Refused):
            _tell(_in_words(outcome))
            return 1
        say(f"Signed {outcome.checkpoint.size} entries.")
        return 0

    add("seal", seal, "Sign the log, once or every few seconds.").add_argument(
        "--every",
        type=float,
        metavar="SECONDS",
        help="go on until stopped; sign when this long has passed, after 256 entries, and at once "
        "what was done on somebody's own responsibility or leaves in an export",
    )


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
                        _tell(told)
                        return 1
        except StoreFault as fault:  # the database is busy, or starts anew; nothing is lost
            told = str(fault)
        if told and told != said:
            _tell(told)
        said = told or said
        sleep(min(LOOK_SECONDS, every))


def _in_words(refused: Refused) -> str:
    return f"not signed ({refused.reason}): {refused.message}"


def _tell(line: str) -> None:
    sys.stderr.write(f"sluss: {line}\n")
    sys.stderr.flush()
