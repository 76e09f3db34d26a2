"""`sluss purge`: print what time has run out for; one proposes it, and another has it erased."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from app.config import Config
from app.config import load as load_config
from app.demonstration.terminal import say
from app.domain.retention import CasePeriod, Retention
from app.flows.access_held import roles_held
from app.flows.closing_held import Unheld
from app.flows.install import Operator
from app.flows.purge import Plan, PlanChanged, PurgeReleased, plan_purge, purge
from app.flows.release_purge import (
    NotSettled,
    PurgeProposed,
    propose_purge,
    refuse_unread,
    release_purge,
)
from app.flows.sign_in import SignedIn, SignInForm, Throttled, sign_in
from app.identity.password import Passwords
from app.main import CannotStart, House, open_house
from app.records.errors import StoreFault
from app.records.organisation import organisation_of
from app.records.retention import reclaim

_UNHELD: dict[Unheld, str] = {
    "open": "its row says that it is closed, and the log that it is open; find out who wrote there",
    "other_day": "its row says another time of closing than the log; find out who wrote there",
    "index": "the index of entries says something else than the log of it; see sluss rebuild-index",
}
Ask = Callable[[str], str]
AddCommand = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]


_IN_THE_WAY = {
    "plan_changed": "this is not what would go now; run `sluss purge` again and read it",
    "no_right": "this person may not erase in every organisation whose cases would go; run it with "
    "--organisation for one at a time",
    "not_proposed": "nobody has proposed this plan in the last seven days; --propose it first",
    "same_person": "whoever proposed it cannot release it; another person must",
}


def add_purge_command(add: AddCommand, operator: Callable[[], str], ask: Ask) -> None:
    """Add it with `add`; `operator` names whoever runs it, and `ask` asks for a password."""

    def run(options: argparse.Namespace) -> int:
        if (options.propose or options.do) and not options.username:
            say("--propose and --do need --as USERNAME: who proposes, and another who releases")
            return 2
        config = load_config(options.config)
        house = open_house(config, as_owner=True)
        try:
            return _run(house, retention_of(config, house), options, operator(), ask)
        finally:
            house.close()

    about = (
        "Print what may be erased by the periods under [retention]. One person proposes it, "
        "another releases it, and then it is erased."
    )
    made = add("purge", run, about)
    made.add_argument(
        "--propose",
        metavar="CODE",
        help="propose the plan with this code, which a run without it prints",
    )
    made.add_argument(
        "--do",
        metavar="CODE",
        help="release the plan that somebody else has proposed, and erase it",
    )
    made.add_argument(
        "--as",
        dest="username",
        metavar="USERNAME",
        help="who proposes or releases, by their user name in Sluss; asks for their password",
    )
    made.add_argument(
        "--organisation", metavar="ID", help="only closed cases of this one, and nothing of the log"
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


def _run(
    house: House, retention: Retention, options: argparse.Namespace, name: str, ask: Ask
) -> int:
    operator, at, only = house.operator(name), house.clock(), options.organisation
    if only is not None and not _is_known(house, only):
        say(f"Nothing was looked for: there is no organisation with the id {only}.")
        return 1
    code = options.do or options.propose
    if code is None:
        plan = plan_purge(
            retention, operator, at=at, store=house.store, rings=house.rings, only=only
        )
        _print(plan)
        return 0
    unread = refuse_unread(
        code,
        retention,
        operator,
        releases=bool(options.do),
        only=only,
        at=at,
        store=house.store,
        rings=house.rings,
    )
    if unread is not None:
        say(f"Nothing was erased: {_IN_THE_WAY[unread.reason]}.")
        return 1
    staff_id = _who(house, options.username, ask)
    if staff_id is None:
        return 1
    act = release_purge if options.do else propose_purge
    settled = act(
        code,
        staff_id,
        retention,
        operator,
        only=only,
        at=at,
        store=house.store,
        rings=house.rings,
        law=house.law,
    )
    if isinstance(settled, NotSettled):
        say(f"Nothing was erased: {_IN_THE_WAY[settled.reason]}.")
        return 1
    if isinstance(settled, PurgeProposed):
        say(f"Proposed. Another person releases it within a week: sluss purge --do {code} --as ...")
        return 0
    return _erase(house, settled, retention, operator)


def _is_known(house: House, organisation_id: str) -> bool:
    with house.store.look(at=house.clock()) as tx:
        return organisation_of(tx, organisation_id) is not None


def _who(house: House, username: str, ask: Ask) -> str | None:
    """The member of staff with that user name, once their password is right."""
    entered = sign_in(
        SignInForm(username=username, password=ask(f"Password of {username}: ")),
        at=house.clock(),
        store=house.store,
        passwords=Passwords(),
        sealers=house.sealer,
        hold_roles=roles_held(house.rings),
    )
    if isinstance(entered, SignedIn):
        return entered.staff.id
    wait = f"; wait until {entered.until:%H:%M:%S}" if isinstance(entered, Throttled) else ""
    say(f"Nothing was erased: that user name and password are not right{wait}.")
    return None


def _erase(house: House, released: PurgeReleased, retention: Retention, operator: Operator) -> int:
    at = house.clock()
    outcome = purge(released, retention, operator, at=at, store=house.store, rings=house.rings)
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
    for kept in plan.unheld:
        case, why = kept.case, _UNHELD[kept.why]
        say(f"Case {case.reference} ({case.id}) of {kept.organisation} stays: {why}")
    for one in plan.cases:
        rows = ", ".join(f"{count} {table}" for table, count in sorted(one.rows.items()))
        known, closed = f"{one.case.reference} ({one.case.id})", f"{one.case.closed_at:%Y-%m-%d}"
        say(f"Case {known} of {one.organisation}, closed {closed}")
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
    say(
        "Nothing has been erased. To erase exactly this, two persons who may erase:\n"
        f"  sluss purge --propose {plan.code} --as USERNAME\n"
        f"  sluss purge --do {plan.code} --as ANOTHER"
    )
