"""Between stored ciphertext and the values people work with. No decisions, no database."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from app.domain.delivery import Delivery, DeliveryHead
from app.domain.note import NoteDraft, NoteHead, NoteLine, NoteText
from app.domain.subject import Identity, Subject
from app.keys import (
    CaseKey,
    Ring,
    Rings,
    SealBroken,
    SealedDelivery,
    SealedNote,
    SealedRing,
    WrappedCaseKey,
    ct_hash,
)
from app.records.case import StoredCaseKey
from app.records.delivery import StoredDelivery
from app.records.note import StoredNote
from app.records.organisation_key import StoredRing
from app.records.subject import SealedSubject
from policies import Facts, NoteDecision, decision_bytes


def stored_ring(ring: SealedRing) -> StoredRing:
    """A ring to store."""
    return StoredRing(
        organisation_id=ring.organisation_id,
        version=ring.version,
        public_key=ring.public_key,
        sealed=ring.sealed,
        root_key_id=ring.root_key_id,
    )


def sealed_ring(stored: StoredRing) -> SealedRing:
    """A stored ring, for a keyring to open."""
    return SealedRing(
        organisation_id=stored.organisation_id,
        version=stored.version,
        public_key=stored.public_key,
        sealed=stored.sealed,
        root_key_id=stored.root_key_id,
    )


def open_case_key(rings: Rings, stored: StoredCaseKey) -> CaseKey:
    """The key of a case, opened with the ring version it was wrapped to."""
    ring = rings.version(stored.organisation_id, stored.ring_version)
    return ring.unwrap_case_key(
        WrappedCaseKey(
            case_id=stored.case_id,
            organisation_id=stored.organisation_id,
            ring_version=stored.ring_version,
            sealed=stored.wrapped,
        )
    )


def seal_subject(ring: Ring, subject: Subject) -> SealedSubject:
    """A subject to store: identity sealed, number findable by blind index only."""
    identity = subject.identity
    number = identity.number
    return SealedSubject(
        id=subject.id,
        organisation_id=subject.organisation_id,
        identity=ring.seal_text("subject", subject.id, msgspec.json.encode(identity)),
        number_index=ring.number_index(number.digits) if number else None,
    )


def open_subject(ring: Ring, sealed: SealedSubject) -> Subject:
    """A stored subject with its identity opened."""
    plain = ring.open_text("subject", sealed.id, sealed.identity)
    return Subject(
        id=sealed.id,
        organisation_id=sealed.organisation_id,
        identity=msgspec.json.decode(plain, type=Identity),
    )


def seal_note(
    key: CaseKey, draft: NoteDraft, *, note_id: str, version: int, owner: str
) -> SealedNote:
    """A note version sealed under a key of its own: the head apart from the text."""
    head = NoteHead(
        title=draft.title,
        category=draft.category,
        attributes=draft.attributes,
        described=draft.described,
    )
    return key.seal_note(note_id, version, owner, msgspec.json.encode(head), draft.text.encode())


def open_line(key: CaseKey, stored: StoredNote) -> NoteLine:
    """What a list shows of a stored version."""
    head = key.open_head(
        stored.note_id,
        stored.version,
        stored.organisation_id,
        suite=stored.suite,
        wrapped_key=stored.wrapped_key,
        commitment=stored.commitment,
        head=stored.head,
    )
    return NoteLine(
        id=stored.note_id,
        version=stored.version,
        head=msgspec.json.decode(head, type=NoteHead),
        author_id=stored.author_id,
        written_at=stored.written_at,
    )


def open_text(key: CaseKey, stored: StoredNote) -> NoteText:
    """A stored version with its text. The reading must be in the log before this is shown."""
    body = key.open_body(
        stored.note_id,
        stored.version,
        stored.organisation_id,
        suite=stored.suite,
        wrapped_key=stored.wrapped_key,
        commitment=stored.commitment,
        body=stored.body or b"",
    )
    return NoteText(line=open_line(key, stored), text=body.decode())


def seal_facts(key: CaseKey, disclosure_id: str, facts: Mapping[str, Facts]) -> bytes:
    """The facts a decision was made on, by person, so that it can be replayed and explained."""
    return key.seal_text("facts", disclosure_id, msgspec.json.encode(facts))


def seal_decision(key: CaseKey, disclosure_id: str, decision: NoteDecision) -> bytes:
    """What the law answered: one person a line, in the order of the facts, as `decision_bytes`."""
    lines = b"\n".join(decision_bytes(one) for one in decision.by_person.values())
    return key.seal_text("decision", disclosure_id, lines)


def open_delivery_head(rings: Rings, stored: StoredDelivery) -> Delivery:
    """A delivery as *Inkommet* lists it. Raises SealBroken."""
    _hold_copy(stored)
    ring = rings.version(stored.organisation_id, stored.ring_version)
    head = ring.open_delivery_head(sealed_delivery(stored))
    number = stored.registered_as
    return Delivery(
        id=stored.id,
        organisation_id=stored.organisation_id,
        sender_id=stored.sender_id,
        arrived_at=stored.arrives_at,
        head=msgspec.json.decode(head, type=DeliveryHead),
        acknowledged_at=stored.acknowledged_at,
        registered_as=None
        if number is None
        else ring.open_text("registered_as", stored.id, number).decode(),
        consent_withdrawn_at=stored.consent_withdrawn_at,
        filed_case_id=stored.filed_case_id,
        filed_note_id=stored.filed_note_id,
    )


def open_delivery_text(rings: Rings, stored: StoredDelivery) -> str:
    """The delivered text. The opening must be in the log before it is shown. Raises SealBroken."""
    _hold_copy(stored)
    ring = rings.version(stored.organisation_id, stored.ring_version)
    return ring.open_delivery(sealed_delivery(stored)).body.decode()


def _hold_copy(stored: StoredDelivery) -> None:
    """That what lies there, where its text is at hand, is what the row says, and with it the log.

    Because anybody can seal a text to the recipient, whose key for that is no secret.
    """
    if stored.body is not None and ct_hash(stored.head, stored.body) != stored.ct_hash:
        raise SealBroken(f"delivery {stored.id}")


def sealed_delivery(stored: StoredDelivery) -> SealedDelivery:
    """A stored delivery as the keys know it."""
    return SealedDelivery(
        recipient_id=stored.organisation_id,
        ring_version=stored.ring_version,
        sealed_version=stored.sealed_version,
        delivery_id=stored.id,
        suite=stored.suite,
        wrapped_key=stored.wrapped_key,
        commitment=stored.commitment,
        head=stored.head,
        body=stored.body or b"",
        ct_hash=stored.ct_hash,
        wraps_hash=stored.wraps_hash,
    )
