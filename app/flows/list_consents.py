"""List the consents in one's own cases, those that end soonest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.consent import Consent
from app.domain.organisation import Organisation
from app.domain.subject import Subject
from app.flows.happened import happened
from app.flows.list_cases import CaseLine
from app.flows.own_cases import own_cases
from app.flows.sealing import open_subject
from app.keys import Rings, event_sealer
from app.records.consent import consents_of_cases
from app.records.organisation import all_organisations
from app.records.store import Store


@dataclass(frozen=True, kw_only=True)
class ConsentList:
    """Consents with the cases they stand in."""

    consents: tuple[Consent, ...]
    cases: Mapping[str, CaseLine]
    organisations: Mapping[str, Organisation]

    def subject(self, consent: Consent) -> Subject:
        """The young person of the consent's case."""
        return self.cases[consent.case_id].subject


def list_consents(actor: Actor, *, at: datetime, store: Store, rings: Rings) -> ConsentList:
    """Every consent and refusal in the cases of the actor. The same three queries however many."""
    ring = rings.current(actor.organisation_id)
    with store.begin(at=at) as tx:
        found = [one.found for one in own_cases(tx, actor, at=at, rings=rings)]
        listed = ConsentList(
            consents=consents_of_cases(tx, [one.case.id for one in found]),
            cases={
                one.case.id: CaseLine(case=one.case, subject=open_subject(ring, one.subject))
                for one in found
            },
            organisations={one.id: one for one in all_organisations(tx)},
        )
        tx.record(
            happened(
                "consent.listed", "allow", actor, at=at, detail={"count": len(listed.consents)}
            ),
            sealer=event_sealer(ring, None),
        )
    return listed
