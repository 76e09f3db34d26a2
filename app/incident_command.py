"""`sluss incident-pack`: what happened in a time window, within minutes, with report drafts."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import datetime
from pathlib import Path

from app.demonstration.terminal import Progress, say
from app.domain.legal_day import SWEDEN
from app.flows.incident_pack import IncidentOrder, NoPack, make_incident_pack
from app.main import House

FIRST_YEAR, LAST_YEAR = 2000, 2200
"""No log began before, and no clock in Sweden shows what cannot be told in UTC."""


def instant(text: str) -> datetime:
    """`2026-11-23` or `2026-11-23T13:40`, as clocks in Sweden show it, as aware UTC.

    Raises ArgumentTypeError, which says how it is written.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(
            f"{text!r} is no time; write it as 2026-11-23 or 2026-11-23T13:40"
        ) from None
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ArgumentTypeError(f"{text} is not between {FIRST_YEAR} and {LAST_YEAR}")
    return at if at.tzinfo else at.replace(tzinfo=SWEDEN)


def incident_pack(
    house: House,
    *,
    operator: str,
    since: datetime,
    before: datetime,
    organisation_id: str | None,
    into: Path,
) -> bool:
    """Make the pack and say what is in it. False when it could not be made."""
    if before <= since:
        say("The window ends before it begins; give --to a later time than --from.")
        return False
    outcome = make_incident_pack(
        IncidentOrder(since=since, before=before, organisation_id=organisation_id, folder=into),
        house.operator(operator),
        at=house.clock(),
        store=house.store,
        rings=house.rings,
        progress=Progress("entries"),
    )
    if isinstance(outcome, NoPack):
        say(f"No pack was made: {outcome.why}.")
        return False
    say(f"{outcome.entries} entries about {outcome.persons} persons, in {outcome.folder}:")
    for name in sorted(path.name for path in outcome.folder.iterdir()):
        say(f"  {name}")
    say("Persons are told by id: each controller finds the names in its own register.")
    return True
