"""Look at a case: titles of its notes, its persons, consents and what has been disclosed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.consent import Consent
from app.domain.disclosure import Disclosure
from app.domain.note import NoteLine
from app.domain.organisation import Organisation
from app.domain.staff import StaffMember
from app.domain.subject import CasePerson, Subject
from app.flows.find_case import OpenCase, find_case, persons_in
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.sealing import open_line
from app.keys import Rings
from app.records.case_people import people_of
from app.records.consent import consents_of_case
from app.records.disclosure import disclosures_with_receipts
from app.records.note import newest_heads
from app.records.organisation import all_organisations
from app.records.store import Store
from app.records.transaction import Transaction
from audit.canonical import Json
from policies import Law


@dataclass(frozen=True, kw_only=True)
class CasePage:
    """Everything a case page shows; titles but no texts."""

    case: Case
    subject: Subject
    persons: tuple[CasePerson, ...]
    notes: tuple[NoteLine, ...]
    consents: tuple[Consent, ...]
    disclosures: tuple[Disclosure, ...]
    acknowledged: Mapping[str, datetime]
    """Delivery id -> when the receiving organisation registered it. Not who read it."""
    letters: Mapping[str, str]
    """Disclosure id -> what was decided about the letter on it."""
    organisations: Mapping[str, Organisation]
    staff: Mapping[str, StaffMember]
    """Authors, deciders and the team, by id."""
    team: tuple[str, ...]
    emergency_until: datetime | None = None
    """When it closes again for one who is not in the team and has opened it in an emergency."""


def view_case(
    case_id: str,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
    part: str | None = None,
) -> CasePage | NotFound:
    """The page for someone in the case team. The same number of queries whatever it holds.

    `part` is the id of a person in the case, or of a consent given in it, that the page is about;
    nothing is found, and that is what the log tells, when the case holds no such part.
    """
    with store.begin(at=at) as tx:
        opened = find_case(tx, case_id, actor, "read_note", at=at, rings=rings, law=law)
        if opened is None:
            return tell_not_found(
                tx, "case.not_found", actor, at=at, rings=rings, about={"asked_case": case_id}
            )
        page = _page(tx, opened, at=at)
        if part is not None and part not in _parts(page):
            about: dict[str, Json] = {"asked_case": case_id, "part": part}
            return tell_not_found(tx, "case.not_found", actor, at=at, rings=rings, about=about)
        tx.record(
            happened(
                "case.viewed",
                opened.result,
                actor,
                at=at,
                case=case_id,
                detail={"titles": len(page.notes)},
            ),
            sealer=opened.sealer,
        )
    return page


def _page(tx: Transaction, opened: OpenCase, *, at: datetime) -> CasePage:
    """Everything there is to show, in six queries."""
    case_id = opened.case.id
    disclosures = disclosures_with_receipts(tx, [case_id])
    staff, team = people_of(tx, case_id, at=at)
    return CasePage(
        case=opened.case,
        subject=opened.subject,
        persons=persons_in(tx, opened),
        notes=tuple(open_line(opened.key, one) for one in newest_heads(tx, [case_id])),
        consents=consents_of_case(tx, case_id),
        disclosures=tuple(made for made, *_ in disclosures),
        acknowledged={made.delivery_id: when for made, when, _ in disclosures if when},
        letters={made.id: letter for made, _, letter in disclosures if letter},
        organisations={one.id: one for one in all_organisations(tx)},
        staff=staff,
        team=team,
        emergency_until=opened.emergency.terms.ends_at if opened.emergency else None,
    )


def _parts(page: CasePage) -> set[str]:
    persons = {one.subject.id for one in page.persons}
    return persons | {one.id for one in page.consents if one.terms.answer == "given"}
