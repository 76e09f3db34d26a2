"""`sluss pack`: examine what has been proposed, bring back a damaged pack, say what is in use."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.config import load as load_config
from app.demonstration.terminal import Progress, say
from app.domain.ids import INSTALLATION
from app.domain.pack_proposal import PackProposal
from app.flows.examine_pack import (
    Compared,
    Examined,
    Examiner,
    NotExamined,
    Step,
    Trying,
    examine_pack,
)
from app.flows.pack_folder import PACKS
from app.flows.restore_pack import Restored, restore_pack
from app.main import House, open_house
from app.records.pack_activation import activations
from app.records.pack_proposal import proposals
from policies import pack_contents

_WHY = {
    "none": "no pack has been activated; start the service once",
    "untold": "the log does not tell that the pack was activated: the database has been changed; "
    "compare the table pack_in_use with the log, and restore it from a backup",
    "missing": "the active pack is not kept; restore the table rule_pack from a backup",
    "damaged": "the kept files of the active pack are not what its hash says; bring its folder "
    "back and run `sluss pack restore FOLDER`",
}

Run = Callable[[argparse.Namespace], int]
AddCommand = Callable[[str, Run, str], argparse.ArgumentParser]


def add_pack_command(add: AddCommand, operator: Callable[[], str]) -> None:
    """Add it with `add`; `operator` names whoever runs it."""

    def run(options: argparse.Namespace) -> int:
        if options.folder is not None and options.act != "restore":
            say(
                f"Nothing was done: `sluss pack {options.act}` takes no folder. A pack is proposed "
                "on the page Regelpaket, from the folder that `sluss pack status` names."
            )
            return 2
        house = open_house(load_config(options.config))
        try:
            if options.act == "restore":
                return restore(house, options.folder, operator=operator())
            if options.act == "examine":
                return examine(house, operator=operator())
            return status(house)
        finally:
            house.close()

    parser = add("pack", run, "See the rule pack in use, examine proposed ones, restore one.")
    parser.add_argument(
        "act",
        choices=("status", "examine", "restore"),
        help="status: what is in use and proposed; examine: compare every proposed pack and make "
        "the decisions of the last year again with it, resuming where it was broken off; restore: "
        "put back the files of a kept pack that was damaged",
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, help="restore: the pack's folder; default: the packaged one"
    )


def status(house: House) -> int:
    """0 if something can be disclosed by the pack in use, else 1."""
    with house.store.look(at=house.clock()) as tx:
        taken, offered = activations(tx), proposals(tx)
    found = house.active.latest
    for one in taken[:1]:
        say(f"activated: {one.version} since {one.activated_at.isoformat()}\n  {one.sha256}")
    if not found.usable:
        say(f"nothing can be disclosed: {_WHY[found.why]}")
    packaged = house.packaged
    if not taken or taken[0].sha256 != packaged.sha256:
        say(f"comes with the software, not in use: {packaged.version}\n  {packaged.sha256}")
    for proposal in offered:
        say(f"proposed: {proposal.version}, {proposal.state}, {proposal.id}")
    folder = Path(house.config.storage.state) / PACKS
    say(f"packs that can be proposed on the page Regelpaket lie in {folder}")
    return 0 if found.usable else 1


def examine(house: House, *, operator: str) -> int:
    """Examine every proposed pack to the end. 0 if none was left that cannot be."""
    with house.store.look(at=house.clock()) as tx:
        waiting = [one for one in proposals(tx) if one.state in ("proposed", "compared")]
    if not waiting:
        say("No proposed pack waits to be examined.")
    examiner = Examiner(
        organisation_id=INSTALLATION,
        actor={"operator": operator},
        sealer=house.operator(operator).sealer,
        store=house.store,
        rings=house.rings,
    )
    left = [one for one in reversed(waiting) if not _examine(house, one, examiner)]
    return 1 if left else 0


def _examine(house: House, proposal: PackProposal, examiner: Examiner) -> bool:
    say(f"Proposed pack {proposal.version} ({proposal.id})")
    say("  comparing with the pack in use; this takes a while")
    progress = Progress("decisions")
    while True:
        step = examine_pack(proposal.id, examiner, at=house.clock())
        if isinstance(step, Trying):
            progress(step.done, step.total)
        elif isinstance(step, Compared) and not step.unexplained:
            say(f"  {step.cells} cells change; making the decisions of the last year again")
        else:
            return _said(step)


def _said(step: Step) -> bool:
    if isinstance(step, Compared):
        say(f"  lets out more without a reviewed reason: {', '.join(step.unexplained)}")
    elif isinstance(step, Examined):
        say("  examined; it can be activated on the page Regelpaket")
    elif isinstance(step, NotExamined) and step.why != "nothing_to_do":
        say(f"  not examined: a kept pack is {step.why}; see `sluss pack restore`")
        return False
    return True


def restore(house: House, folder: Path | None, *, operator: str) -> int:
    """0 if the pack in the folder has been kept before, and is whole again."""
    outcome = restore_pack(
        pack_contents(folder), house.operator(operator), at=house.clock(), store=house.store
    )
    if isinstance(outcome, Restored):
        say(f"The pack {outcome.sha256} is whole again. A running service finds it in seconds.")
        return 0
    say(
        f"Nothing was put back: no pack with the hash {outcome.sha256} has been kept. "
        "Find the folder whose files are those of the damaged pack."
    )
    return 1
