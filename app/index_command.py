"""`sluss rebuild-index`: what the index of entries says that the log does not, and put it right."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from app.config import load as load_config
from app.demonstration.terminal import Progress, say
from app.flows.follow_log import Unsound
from app.flows.index_held import Held
from app.flows.rebuild_index import (
    Fault,
    IndexCompared,
    Keeper,
    compare_index,
    rebuild_index,
)
from app.main import House, open_house
from app.records.audit_view import SeenEntry

AddCommand = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]

_FAULTS: dict[Fault, str] = {
    "differs": "{count} rows say something else than their entries",
    "missing": "{count} entries have no row",
    "surplus": "{count} rows have no entry",
}
_COLUMNS = ("id", "organisation_id", "case_id", "staff_id", "op", "res", "at")


def add_index_command(add: AddCommand, operator: Callable[[], str]) -> None:
    """Add it with `add`; `operator` names whoever runs it."""

    def run(options: argparse.Namespace) -> int:
        house = open_house(load_config(options.config), as_owner=True)
        try:
            return _run(house, operator(), write=options.write)
        finally:
            house.close()

    about = (
        "Hold the index of entries against the log, and print what differs; with --write, make it "
        "say what the log says. Refuses where the log itself does not verify."
    )
    add("rebuild-index", run, about).add_argument(
        "--write", action="store_true", help="put right what differs"
    )


def _run(house: House, name: str, *, write: bool) -> int:
    act = rebuild_index if write else compare_index
    found = act(
        Keeper(
            operator=house.operator(name),
            at=house.clock(),
            store=house.store,
            rings=house.rings,
            log_keys=house.log_keys,
            progress=Progress("entries"),
        )
    )
    if isinstance(found, Unsound):
        say(
            f"Nothing was changed, because the log itself does not verify: {found.why}. "
            "Compare with a backup and with the checkpoints that are kept outside."
        )
        return 1
    _print(found)
    if found.whole:
        say("The index says what the log says.")
    elif write:
        say("The index has been made to say what the log says. Find out who had written in it.")
    else:
        say("Nothing has been changed. To put it right: sluss rebuild-index --write")
    return 0


def _print(found: IndexCompared) -> None:
    log = found.log
    say(f"{log.size} entries, of which {log.signed} are under a signature that holds.")
    for fault, told in _FAULTS.items():
        count, named = found.counts[fault], found.faults[fault]
        if not count:
            continue
        say(f"{told.format(count=count)}{', the first of them' if count > len(named) else ''}:")
        for one in named:
            say(f"  entry {one.n}: {_in_words(one)}")
    if found.underivable:
        say(
            f"{found.underivable} entries no longer tell who acted, or in which case, because that "
            "was erased by decision. What the index has of that is kept as it is, and rests on "
            "nothing else."
        )


def _in_words(one: Held) -> str:
    if one.said is None:
        return _shown(one.kept)
    if one.kept is None:
        return _shown(one.said)
    told = [
        f"{name} is {getattr(one.kept, name)} and should be {getattr(one.said, name)}"
        for name in _COLUMNS
        if getattr(one.kept, name) != getattr(one.said, name)
    ]
    return f"{one.said.op}: {'; '.join(told)}"


def _shown(row: SeenEntry | None) -> str:
    return f"{row.op} in {row.organisation_id} at {row.at.isoformat()}" if row else ""
