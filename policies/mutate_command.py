"""`python -m policies mutate`: wrong changes to a pack, and which of them nothing notices."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from policies.mutate import NOTICED_AT_LEAST, Campaign, Mutant, known_survivors, sample

SURVIVORS = Path(__file__).parent / "mutation" / "rules.toml"
"""The changes to the packaged rules that nothing notices, each with its reason."""


def add_mutate(commands: Any) -> None:
    """Add the command to a parser's commands."""
    parser = commands.add_parser(
        "mutate",
        help="try wrong changes to a pack, one at a time",
        description="Change one thing in the rules at a time and ask the scenarios, the "
        "boundaries and the loader whether they notice. Exit code 1 when a change that nothing "
        f"notices has no reason, or less than {NOTICED_AT_LEAST} %% are noticed.",
    )
    parser.add_argument("dir", nargs="?", type=Path, help="the pack; default: the packaged one")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each Nth change")
    parser.add_argument("--sample", type=int, metavar="N", help="only N changes, drawn by --seed")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="default: 1")
    parser.add_argument("--only", default="", metavar="TEXT", help="changes whose name holds it")
    parser.add_argument("--done", type=Path, metavar="FILE", help="go on where this file ends")
    parser.add_argument(
        "--prove",
        action="store_true",
        help="search every world for a difference that a survivor would make; slow",
    )
    parser.add_argument("--survivors", type=Path, help="a TOML file of known ones, with reasons")
    parser.set_defaults(run=run_mutate)


def run_mutate(chosen: argparse.Namespace) -> int:
    """Try the changes, print what survives, and say by the exit code whether that will do."""
    file = chosen.survivors or (SURVIVORS if chosen.dir is None else None)
    known = known_survivors(file) if file else {}
    campaign = Campaign(chosen.dir)
    mutants = _chosen(campaign, chosen)
    done = _read(chosen.done)
    outcomes: dict[str, str] = {}
    for n, mutant in enumerate(mutants, 1):
        if mutant.name not in done:
            done[mutant.name] = campaign.try_mutant(mutant).killed_by
            _write(chosen.done, mutant.name, done[mutant.name])
        outcomes[mutant.name] = done[mutant.name]
        if n % 100 == 0:
            sys.stderr.write(f"{n} of {len(mutants)} tried\n")
    survived = [mutant for mutant in mutants if not outcomes[mutant.name]]
    bad = [m for m in survived if not _explained(campaign, m, known, prove=chosen.prove)]
    killed = len(mutants) - len(survived)
    percent = 100 * killed / max(1, len(mutants))
    sys.stdout.write(
        f"{len(mutants)} wrong changes, {killed} noticed ({percent:.1f} %), {len(survived)} not\n"
    )
    return 1 if bad or percent < NOTICED_AT_LEAST else 0


def _chosen(campaign: Campaign, chosen: argparse.Namespace) -> Sequence[Mutant]:
    mutants = [m for m in campaign.mutants if chosen.only in m.name][:: max(1, chosen.every)]
    return mutants if chosen.sample is None else sample(mutants, chosen.sample, chosen.seed)


def _explained(campaign: Campaign, mutant: Mutant, known: dict[str, str], *, prove: bool) -> bool:
    """Whether a survivor has a reason and, if that is asked for, differs in no world."""
    reason = known.get(mutant.name, "")
    sys.stdout.write(f"survived {mutant.name}: {reason or 'NO REASON GIVEN'}\n")
    found = campaign.difference(mutant) if prove else ""
    if found:
        sys.stdout.write(f"         and it answers otherwise: {found}\n")
    elif prove:
        sys.stdout.write("         searched: it answers alike in every world\n")
    return bool(reason) and not found


def _read(file: Path | None) -> dict[str, str]:
    """What an earlier run found out, a line each: name, tab, what noticed it."""
    if file is None or not file.exists():
        return {}
    lines = file.read_text(encoding="utf-8").splitlines()
    return {name: by for name, tab, by in (line.partition("\t") for line in lines) if tab}


def _write(file: Path | None, name: str, killed_by: str) -> None:
    # A line at a time, so that a run that is cut short loses one change at most.
    if file is not None:
        with file.open("a", encoding="utf-8") as out:
            out.write(f"{name}\t{killed_by}\n")
