"""`python -m policies mutate`: wrong changes to a pack, and which of them nothing notices."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from policies.errors import CaseError
from policies.mutate import NOTICED_AT_LEAST, Campaign, Mutant, known_survivors, sample
from policies.mutate_engine import EngineCampaign, engine_mutants

SURVIVORS = Path(__file__).parent / "mutation" / "rules.toml"
"""The changes to the packaged rules that nothing notices, each with its reason."""
ENGINE_SURVIVORS = Path(__file__).parent / "mutation" / "engine.toml"
"""The changes to the engine that nothing notices, each with its reason."""

_NO_REASON = "NO REASON GIVEN"


class _Named(Protocol):
    @property
    def name(self) -> str: ...


M = TypeVar("M", bound=_Named)


def add_mutate(commands: Any) -> None:
    """Add the command to a parser's commands."""
    parser = commands.add_parser(
        "mutate",
        help="try wrong changes to a pack, one at a time",
        description="Change one thing in the rules at a time and ask the scenarios, the "
        "boundaries and the loader whether they notice. Exit code 1 when a change that nothing "
        f"notices has no reason, or less than {NOTICED_AT_LEAST} % are noticed.",
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
    parser.add_argument(
        "--engine", action="store_true", help="change the engine's code instead of the rules"
    )
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="with --engine: so many at a time"
    )
    parser.add_argument("--survivors", type=Path, help="a TOML file of known ones, with reasons")
    parser.set_defaults(run=run_mutate)


def run_mutate(chosen: argparse.Namespace) -> int:
    """Try the changes, print what survives, and say by the exit code whether that will do."""
    return _engine(chosen) if chosen.engine else _rules(chosen)


def _rules(chosen: argparse.Namespace) -> int:
    file = chosen.survivors or (SURVIVORS if chosen.dir is None else None)
    known = known_survivors(file) if file else {}
    campaign = Campaign(chosen.dir)
    mutants = _chosen(campaign.mutants, chosen)
    survived = _tried(
        mutants, lambda left: ((m, campaign.try_mutant(m).killed_by) for m in left), chosen.done
    )
    bad = [m for m in survived if not _explained(campaign, m, known, prove=chosen.prove)]
    return _judged(len(mutants), len(survived), unexplained=bool(bad))


def _engine(chosen: argparse.Namespace) -> int:
    if chosen.dir is not None or chosen.prove:
        raise CaseError("--engine changes the engine, so it takes no pack and no --prove")
    known = known_survivors(chosen.survivors or ENGINE_SURVIVORS)
    mutants = _chosen(tuple(engine_mutants()), chosen)
    campaign = EngineCampaign()
    _pass_unchanged(campaign, "mend that first")
    survived = _tried(mutants, lambda left: campaign.try_all(left, chosen.jobs), chosen.done)
    # Whatever has broken the tests meanwhile would have been taken for their noticing.
    _pass_unchanged(campaign, "it did before, so what was tried since proves nothing")
    for mutant in survived:
        sys.stdout.write(f"survived {mutant.name}: {known.get(mutant.name, _NO_REASON)}\n")
    bad = any(mutant.name not in known for mutant in survived)
    return _judged(len(mutants), len(survived), unexplained=bad)


def _pass_unchanged(campaign: EngineCampaign, otherwise: str) -> None:
    wrong = campaign.try_unchanged()
    if wrong:
        raise CaseError(f"the engine as it is does not pass ({wrong}); {otherwise}")


def _judged(tried: int, survived: int, *, unexplained: bool) -> int:
    killed = tried - survived
    percent = 100 * killed / max(1, tried)
    sys.stdout.write(f"{tried} wrong changes, {killed} noticed ({percent:.1f} %), {survived} not\n")
    return 1 if unexplained or percent < NOTICED_AT_LEAST else 0


def _chosen(every: Sequence[M], chosen: argparse.Namespace) -> Sequence[M]:
    mutants = [m for m in every if chosen.only in m.name][:: max(1, chosen.every)]
    return mutants if chosen.sample is None else sample(mutants, chosen.sample, chosen.seed)


def _tried(
    mutants: Sequence[M],
    judge: Callable[[Sequence[M]], Iterable[tuple[M, str]]],
    file: Path | None,
) -> list[M]:
    """Those that survive. What an earlier run has judged is not judged again."""
    done = _read(file)
    left = [mutant for mutant in mutants if mutant.name not in done]
    for n, (mutant, noticed) in enumerate(judge(left), 1):
        done[mutant.name] = noticed
        _write(file, mutant.name, noticed)
        if n % 100 == 0:
            sys.stderr.write(f"{n} of {len(left)} tried\n")
    return [mutant for mutant in mutants if not done[mutant.name]]


def _explained(campaign: Campaign, mutant: Mutant, known: dict[str, str], *, prove: bool) -> bool:
    """Whether a survivor has a reason and, if that is asked for, differs in no world."""
    reason = known.get(mutant.name, "")
    sys.stdout.write(f"survived {mutant.name}: {reason or _NO_REASON}\n")
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
