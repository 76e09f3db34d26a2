"""The law without the service: check a pack, explain a case, try the scenarios.

Exit codes: 0 all is well, 1 something does not hold, 2 the command or a file cannot be used.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec

from policies import CaseError, Explanation, Law, PackError, decide, decision_bytes, explain, load
from policies.case_file import is_day
from policies.compare_command import add_compare
from policies.idle import idle_rules, known_idle
from policies.mutate_command import add_mutate
from policies.reading import TRIED, toml_written_by_hand
from policies.review import stale, write
from policies.scenarios import Result, facts_of, read_scenarios, try_scenario, unproven_rules

IDLE = Path(__file__).parent / "mutation" / "idle.toml"
"""Why the packaged rules that change no answer are there."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is returned."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except PackError as fault:
        print(fault, file=sys.stderr)
        return 2
    except CaseError as fault:
        print(f"error: {fault}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader (head, a closed pager) has seen enough. Python would complain once more when
        # it flushes on the way out, so what is left goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m policies",
        description="Check a rule pack, ask the law about one case, or try the scenarios.",
        epilog="Exit codes: 0 all is well, 1 something does not hold, 2 unusable command or file.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="say everything that is wrong with a pack")
    check.add_argument("dir", nargs="?", type=Path, help="the pack; default: the packaged one")
    check.add_argument(
        "--deep",
        action="store_true",
        help="also seek rules that change no answer; needs z3 and a minute",
    )
    check.set_defaults(run=_check)
    one = commands.add_parser("explain", help="answer one case, in words")
    one.add_argument("case", type=Path, help="a TOML file: on = DATE and the fields of [facts]")
    one.add_argument("--pack", type=Path, help="the pack; default: the packaged one")
    one.add_argument(
        "--on", type=date.fromisoformat, metavar="DATE", help="the day, instead of the file's own"
    )
    one.add_argument("--json", action="store_true", help="decision and explanation as JSON")
    one.add_argument("--lang", choices=("sv", "en"), default="sv", help="default: sv")
    one.set_defaults(run=_explain)
    add_compare(commands)
    paper = commands.add_parser("review", help="write REVIEW.md, or say whether it is stale")
    paper.add_argument("dir", nargs="?", type=Path, help="the pack; default: the packaged one")
    act = paper.add_mutually_exclusive_group(required=True)
    act.add_argument("--write", action="store_true", help="write both languages")
    act.add_argument("--check", action="store_true", help="exit 1 if the pack has moved on")
    paper.set_defaults(run=_review)
    trial = commands.add_parser("scenarios", help="try every scenario of a pack or a folder")
    trial.add_argument(
        "dir", nargs="?", type=Path, help="a pack, or a folder or file of scenarios alone"
    )
    trial.add_argument(
        "--pack",
        type=Path,
        help="the pack that such scenarios are tried against; default: packaged",
    )
    trial.set_defaults(run=_scenarios)
    add_mutate(commands)
    return parser


def _try_all(law: Law, folders: Sequence[Path]) -> list[Result]:
    results, faults = [], []
    for under in folders:
        place = f"{under.name}/" if under.name in TRIED else ""
        for name, scenario in read_scenarios(under):
            try:
                results += try_scenario(law, scenario)
            except CaseError as fault:
                faults.append(f"{place}{name}: {fault}")
    if faults:
        raise CaseError("\nerror: ".join(faults))
    return results


def _tried_of(pack: Path | None) -> list[Path]:
    folder = pack or Path(__file__).parent
    return [folder / name for name in TRIED if (folder / name).exists()]


def _check(chosen: argparse.Namespace) -> int:
    law = load(chosen.dir)
    results = _try_all(law, _tried_of(chosen.dir))
    wrong = [result for result in results if result.mismatches]
    unproven = unproven_rules(law, results)
    for result in wrong:
        _print_result(result)
    if unproven:
        print(f"no scenario shows these rules firing: {', '.join(unproven)}")
    scenarios = len({result.scenario.id for result in results})
    print(
        f"{law.id} {law.version}: {len(law.rules)} rules, {len(law.secrecy)} secrecy rows, "
        f"{len(law.vocabulary.conditions)} conditions, {scenarios} scenarios"
    )
    print(f"sha256 {law.sha256}\nrules  {law.rules_sha256}")
    idle = chosen.deep and _idle(law, chosen.dir)
    return 1 if wrong or unproven or idle else 0


def _idle(law: Law, folder: Path | None) -> bool:
    """Print the rules that change no answer; whether any has no reason to be there."""
    known = known_idle(IDLE) if folder is None else {}
    found = idle_rules(law)
    for one in found:
        behind = f", behind {', '.join(one.by)}" if one.by else ""
        print(f"{one.why} {one.rule}{behind}: {known.get(one.rule, 'NO REASON GIVEN')}")
    print(f"{len(law.rules)} rules, {len(found)} of which change no answer")
    gone = sorted(set(known) - {one.rule for one in found})
    if gone:
        print(f"not idle after all, so take away the reason: {', '.join(gone)}")
    return bool(gone) or any(one.rule not in known for one in found)


def _scenarios(chosen: argparse.Namespace) -> int:
    alone = chosen.dir is not None and not (chosen.dir / "pack.toml").exists()
    if alone and not chosen.dir.exists():
        raise CaseError(f"there is no {chosen.dir}; name a pack, or a folder or file of scenarios")
    law = load(chosen.pack if alone else chosen.pack or chosen.dir)
    results = _try_all(law, [chosen.dir] if alone else _tried_of(chosen.dir))
    for result in results:
        _print_result(result)
    wrong = sum(bool(result.mismatches) for result in results)
    print(f"{len(results)} answers, {len(results) - wrong} as expected, {wrong} not")
    if not results:
        print("there are no scenarios to try", file=sys.stderr)
    return 1 if wrong or not results else 0


def _review(chosen: argparse.Namespace) -> int:
    folder = chosen.dir or Path(__file__).parent
    law = load(chosen.dir)
    if chosen.write:
        changed = write(law, folder)
        print(f"written: {', '.join(changed)}" if changed else "nothing had changed")
        return 0
    old = stale(law, folder)
    if old:
        print(f"stale: {', '.join(old)}; write them anew with `make review`", file=sys.stderr)
    return 1 if old else 0


def _print_result(result: Result) -> None:
    scenario, answer = result.scenario, result.answer
    mark = "FAIL" if result.mismatches else "ok  "
    print(f"{mark} {scenario.id} {answer.on} {answer.outcome_class}: {scenario.title_sv}")
    for mismatch in result.mismatches:
        print(f"       {mismatch}")


def _explain(chosen: argparse.Namespace) -> int:
    content = toml_written_by_hand(chosen.case)
    facts = content.get("facts", content)
    if not isinstance(facts, dict):
        raise CaseError(f"{chosen.case}: facts is a table, not {facts!r}; write [facts] above them")
    on = chosen.on or content.get("on", facts.get("on", _latest(content.get("answer"))))
    if on is None:
        raise CaseError(f"{chosen.case} needs the day: write on = 2026-11-23 in it, or use --on")
    law = load(chosen.pack)
    try:
        asked = facts_of(law, {**facts, "on": on}, on)
    except CaseError as fault:
        raise CaseError(f"{chosen.case}: {fault}") from fault
    decision = decide(law, asked)
    told = explain(law, decision, chosen.lang)
    if chosen.json:
        body = {"decision": msgspec.Raw(decision_bytes(decision)), "explanation": told}
        print(msgspec.json.encode(body, order="sorted").decode())
    else:
        _print_explanation(told, chosen.lang)
    return 0


def _latest(answers: object) -> date | None:
    """A scenario has its days in its answers; the latest is what is law now."""
    rows = answers if isinstance(answers, list) else []
    told = [row.get("on") for row in rows if isinstance(row, dict)]
    return max((day for day in told if is_day(day)), default=None)


_HEADINGS = {
    "sv": ("Lagrum", "Att svara på", "Det som återstår", "Att tänka på", "Osäkert i lagen"),
    "en": ("Provisions", "Questions", "What remains", "Note", "Uncertain in law"),
}


def _print_explanation(told: Explanation, lang: str) -> None:
    provisions, questions, remains, notes, uncertain = _HEADINGS[lang]
    print(f"{told.verdict}\n{told.reason}")
    if told.provisions:
        print(f"{provisions}: {'; '.join(told.provisions)}")
    if told.next_step:
        print(f"{remains}: {told.next_step}")
    for heading, lines in (
        (questions, [question.text for question in told.questions]),
        (notes, told.warnings),
        (uncertain, told.cautions),
    ):
        if lines:
            print(f"{heading}:")
        for line in lines:
            print(f"  - {line}")


if __name__ == "__main__":
    sys.exit(main())
