"""The disclosure register of an organisation, and its record of processing.

What was disclosed, when, to whom, on which ground, by whom: for supervisors, data protection
officers and records officers. No titles, no texts, no names of those written about.
Law: SoL 14 kap. 1, 3 §§; dataskyddsförordningen artikel 30.1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.domain.actor import Actor
from app.domain.organisation import Organisation
from app.flows.export_orders import may, midnight
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.keys import Rings, event_sealer
from app.records.disclosure_list import (
    RegisteredDisclosure,
    count_registered,
    recipients_of,
    register_page,
)
from app.records.organisation import all_organisations
from app.records.store import Store
from policies import Law

ACT = "read_register"
MOST_SHOWN = 200
MOST_IN_A_TABLE = 50_000
_PAGE = 500


@dataclass(frozen=True, kw_only=True)
class Register:
    """The disclosures of some days, oldest first."""

    rows: tuple[RegisteredDisclosure, ...]
    total: int
    organisations: Mapping[str, Organisation]


@dataclass(frozen=True, kw_only=True)
class ProcessingRecord:
    """To whom the organisation has disclosed, for what, how often."""

    recipients: Mapping[tuple[str, str], int]
    organisations: Mapping[str, Organisation]


def read_register(
    day_from: date,
    day_until: date,
    actor: Actor,
    *,
    whole: bool,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> Register | NotFound:
    """The register of some days (both inclusive): its first rows, or the `whole` as a table."""
    most = MOST_IN_A_TABLE if whole else MOST_SHOWN
    with store.begin(at=at) as tx:
        if not may(actor, law, ACT):
            return tell_not_found(tx, "register.refused", actor, at=at, rings=rings, about={})
        since, before = midnight(day_from), midnight(day_until + timedelta(days=1))
        organisation_id = actor.organisation_id
        rows: list[RegisteredDisclosure] = []
        while len(rows) < most:
            found = register_page(
                tx,
                organisation_id=organisation_id,
                since=since,
                before=before,
                after=rows[-1].disclosure.id if rows else "",
                most=min(_PAGE, most - len(rows)),
            )
            rows += found
            if not found:
                break
        total = count_registered(tx, organisation_id=organisation_id, since=since, before=before)
        tx.record(
            happened(
                "register.exported" if whole else "register.viewed",
                "allow",
                actor,
                at=at,
                detail={
                    "from": day_from.isoformat(),
                    "until": day_until.isoformat(),
                    "count": len(rows),
                },
            ),
            sealer=event_sealer(rings.current(organisation_id), None),
        )
        organisations = {one.id: one for one in all_organisations(tx)}
    return Register(rows=tuple(rows), total=total, organisations=organisations)


def read_processing_record(
    actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> ProcessingRecord | NotFound:
    """What the record of processing says that only the database knows."""
    with store.begin(at=at) as tx:
        if not may(actor, law, ACT):
            return tell_not_found(tx, "processing.refused", actor, at=at, rings=rings, about={})
        found = ProcessingRecord(
            recipients=recipients_of(tx, organisation_id=actor.organisation_id),
            organisations={one.id: one for one in all_organisations(tx)},
        )
        tx.record(
            happened("processing.viewed", "allow", actor, at=at),
            sealer=event_sealer(rings.current(actor.organisation_id), None),
        )
    return found
