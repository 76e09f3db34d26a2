"""Make the copy that leaves: encrypted anew for the recipient, with nothing of the sender's own.

The recipient learns the text, its category, whom it describes and on which ground it came. Case
numbers, note ids, versions and the team stay behind.
Law: OSL 7 kap. 2 §, 8 kap. 1 §
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from app.domain.actor import Actor
from app.domain.delivery import DeliveredPerson, DeliveryHead, Ground
from app.domain.disclosure import Disclosure
from app.domain.legal_day import legal_day
from app.domain.note import NoteText
from app.domain.organisation import Organisation
from app.fact_finding import Gathered
from app.keys import Rings, seal_delivery
from app.records.delivery import StoredDelivery
from policies import NoteDecision


def seal_copy(
    text: NoteText,
    gathered: Gathered,
    decision: NoteDecision,
    made: Disclosure,
    actor: Actor,
    *,
    recipient: Organisation,
    rings: Rings,
    at: datetime,
) -> StoredDelivery:
    """The delivery to put on its way. Only the recipient's public key is used."""
    ring = rings.current(recipient.id)
    head = msgspec.json.encode(_head(text, gathered, decision, actor, made=made, at=at))
    sealed = seal_delivery(
        recipient.id,
        ring.version,
        ring.public_key,
        made.delivery_id,
        head,
        text.text.encode(),
    )
    return StoredDelivery(
        id=made.delivery_id,
        organisation_id=recipient.id,
        sender_id=actor.organisation_id,
        arrives_at=made.arrives_at,
        ring_version=ring.version,
        sealed_version=sealed.sealed_version,
        suite=sealed.suite,
        wrapped_key=sealed.wrapped_key,
        commitment=sealed.commitment,
        head=sealed.head,
        body=sealed.body,
        ct_hash=sealed.ct_hash,
        wraps_hash=sealed.wraps_hash,
    )


def _head(
    text: NoteText,
    gathered: Gathered,
    decision: NoteDecision,
    actor: Actor,
    *,
    made: Disclosure,
    at: datetime,
) -> DeliveryHead:
    decisions = decision.by_person.values()
    grounds = {
        rule.id: Ground(id=rule.id, cite=rule.cite, sv=rule.sv, en=rule.en)
        for one in decisions
        for rule in one.fired
    }
    note = text.line.head
    return DeliveryHead(
        sender_name=actor.organisation.name,
        sender_kind=actor.organisation.kind,
        decided_by=f"{actor.name}, {actor.title}",
        decided_on=legal_day(at),
        purpose=made.purpose,
        grounds=tuple(grounds.values()),
        duty=made.outcome == "must",
        secrecy_follows=not any("receiver_unprotected" in one.flags for one in decisions),
        title=note.title,
        category=note.category,
        attributes=note.attributes,
        persons=tuple(_person(gathered, subject_id) for subject_id in note.described),
    )


def _person(gathered: Gathered, subject_id: str) -> DeliveredPerson:
    person = gathered.persons[subject_id]
    identity = person.subject.identity
    return DeliveredPerson(
        name=identity.name,
        number=identity.number.digits if identity.number else None,
        born=identity.born,
        protected=identity.protected,
        relation=person.relation,
    )
