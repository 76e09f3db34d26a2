"""`sluss purge`: print what time has run out for; erase it when the printed code is given back."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from app.config import Config
from app.config import load as load_config
from app.demonstration.terminal import say
from app.domain.retention import CasePeriod, Retention
from app.flows.purge import Plan, PlanChanged, plan_purge, purge
from app.main import CannotStart, House, open_house
from app.records.errors import StoreFault
from app.records.retention import reclaim

AddCommand = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]


def add_purge_command(add: AddCommand, operator: Callable[[], str]) -> None:
    """Add it with `add`; `operator` names whoever runs it."""

    def run(options: argparse.Namespace) -> int:
        config = load_config(options.config)
        house = open_house(config, as_owner=True)
        try:
            return _run(house, retention_of(config, house), options.do, operator())
        finally:
            house.close()

    about = "Print what may be erased by the periods under [retention]; erase it with --do."
    add("purge", run, about).add_argument(
        "--do",
        metavar="CODE",
        help="erase the plan with this code, which a run without --do prints",
    )


def retention_of(config: Config, house: House) -> Retention:
    """The periods of the configuration. Raises CannotStart at a kind that the rules do not know."""
    known = {kind.code for kind in house.law.vocabulary.kinds.values()}
    for period in config.retention.cases:
        if period.kind not in known:
            raise CannotStart(
                f"[retention] cases names {period.kind}, which is not a kind in the rule pack: "
                f"{', '.join(sorted(known))}"
            )
    return Retention(
        cases=tuple(
            CasePeriod(kind=one.kind, years=one.years, basis=one.basis)
            for one in config.retention.cases
        ),
        log_years=config.retention.log_years,
        log_basis=config.retention.log_basis,
        entries_years=config.retention.entries_years,
        entries_basis=config.retention.entries_basis,
    )


def _run(house: House, retention: Retention, code: str | None, name: str) -> int:
    operator, at = house.operator(name), house.clock()
    if code is None:
        _print(plan_purge(retention, operator, at=at, store=house.store))
        return 0
    outcome = purge(code, retention, operator, at=at, store=house.store, rings=house.rings)
    if isinstance(outcome, PlanChanged):
        say("Nothing was erased: this is not what would go now.")
        _print(outcome.plan)
        return 1
    say(
        f"Erased: {outcome.cases} cases, the details of {outcome.entries} old entries, and "
        f"{outcome.pruned} entries of the log."
    )
    try:
        reclaim(house.store)
    except StoreFault as fault:
        say(f"The room could not be overwritten ({fault}). Stop the service and run VACUUM.")
        return 1
    say(
        "Backups made before now still hold it: destroy them when their time is out. If one is "
        "brought back, run `sluss purge` before anybody is let in."
    )
    return 0


def _print(plan: Plan) -> None:
    for one in plan.cases:
        rows = ", ".join(f"{count} {table}" for table, count in sorted(one.rows.items()))
        say(f"Case {one.case.id} of {one.organisation}, closed {one.case.closed_at:%Y-%m-%d}")
        say(f"  by {one.basis}")
        say(f"  rows: {rows}; entries whose details go: {one.entries}")
    if plan.old_entries:
        say(f"Details of {plan.old_entries} entries of the log below index {plan.below}")
        say(f"  by {plan.log_basis}")
    if plan.pruned_entries:
        say(f"{plan.pruned_entries} entries of the log below the minimum index {plan.prune_below}")
        say(f"  by {plan.entries_basis}")
        say("  their hashes stay, and so does every entry on rules, log keys and erasures")
    if plan.empty:
        say("No period has run out. Nothing would be erased.")
        return
    say(f"Nothing has been erased. To erase exactly this: sluss purge --do {plan.code}")
