"""File a delivery into a case of one's own: it becomes a note under the recipient's own key.

The delivered identity is matched in the recipient's own register only, and by a person's number;
nothing is matched by name, because a name alone joins strangers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.actor import Actor
from app.domain.delivery import DeliveredPerson, Delivery
from app.domain.ids import new_id
from app.domain.note import NoteDraft
from app.domain.personal_number import PersonalNumber
from app.domain.problem import Problem
from app.domain.subject import CasePerson, Identity, Relation
from app.flows.add_person import insert_new_person
from app.flows.find_case import OpenCase, find_case, persons_in
from app.flows.happened import happened
from app.flows.mark_along import mark_along, may_be_marked
from app.flows.not_found import NotFound, tell_not_found
from app.flows.own_cases import delivery_in_sight
from app.flows.sealing import open_delivery_head, open_delivery_text, seal_note
from app.flows.write_note import insert_new_version
from app.keys import Rings
from app.records.case_closing import still_open
from app.records.delivery import StoredDelivery, mark_filed
from app.records.store import Store
from app.records.transaction import Transaction
from policies import Law


@dataclass(frozen=True)
class Filed:
    """It is a note in the case."""

    case_id: str
    note_id: str


@dataclass(frozen=True)
class NotFiled:
    """It cannot be filed so."""

    problems: tuple[Problem, ...]


def file_delivery(
    delivery_id: str,
    case_id: str,
    category: str,
    actor: Actor,
    *,
    matches: Sequence[str] = (),
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> Filed | NotFiled | NotFound:
    """File an arrived and registered delivery as a note of `category` in a case of the actor's.

    `matches` says, for each delivered person in order, which person in the case they are; an empty
    text means that the number decides, and that someone unknown is added.

    `category` is the recipient's own: the same information has another place in another
    organisation's secrecy. Filing twice gives the first note back.
    """
    with store.begin(at=at) as tx:
        opened = find_case(tx, case_id, actor, "file_delivery", at=at, rings=rings, law=law)
        stored = delivery_in_sight(tx, delivery_id, actor, at=at, rings=rings) if opened else None
        if opened is None or stored is None:
            return tell_not_found(
                tx,
                "delivery.file_not_found",
                actor,
                at=at,
                rings=rings,
                about={"delivery": delivery_id, "asked_case": case_id},
            )
        if stored.filed_note_id is not None:
            _tell_refused(tx, "delivery.file_repeated", stored, opened, actor, at=at)
            return Filed(stored.filed_case_id or case_id, stored.filed_note_id)
        problem = _problem(stored, category, actor, law)
        if not still_open(tx, case_id):
            problem = Problem(field="case", code="case_closed")
        if problem is not None:
            _tell_refused(tx, "delivery.file_refused", stored, opened, actor, at=at)
            return NotFiled((problem,))
        return _file(tx, stored, opened, category, actor, matches=matches, at=at, rings=rings)


def _problem(stored: StoredDelivery, category: str, actor: Actor, law: Law) -> Problem | None:
    if stored.acknowledged_at is None:
        return Problem(field="reference", code="register_first")
    if category not in {one.code for one in law.vocabulary.categories_of(actor.organisation.kind)}:
        return Problem(field="category", code="category_unknown")
    return None


def _file(
    tx: Transaction,
    stored: StoredDelivery,
    opened: OpenCase,
    category: str,
    actor: Actor,
    *,
    matches: Sequence[str],
    at: datetime,
    rings: Rings,
) -> Filed:
    delivery = open_delivery_head(rings, stored)
    note_id = new_id(at)
    event = happened(
        "delivery.filed",
        "allow",
        actor,
        at=at,
        case=opened.case.id,
        about={"delivery": stored.id, "note": note_id, "version": 1},
        detail={"sender": stored.sender_id, "category": category},
    )
    draft = NoteDraft(
        title=delivery.head.title,
        text=open_delivery_text(rings, stored),
        category=category,
        attributes=replace(delivery.head.attributes, origin=delivery.head.sender_kind),
        described=_matched(tx, delivery, opened, matches=matches, at=at, entry_id=event.id),
    )
    sealed = seal_note(opened.key, draft, note_id=note_id, version=1, owner=actor.organisation_id)
    insert_new_version(
        tx,
        sealed,
        opened,
        note_id=note_id,
        version=1,
        author_id=actor.staff_id,
        at=at,
        entry_id=event.id,
    )
    mark_filed(tx, stored.id, case_id=opened.case.id, note_id=note_id, entry_id=event.id)
    tx.record(replace(event, ct=sealed.ct_hash, wr=sealed.wraps_hash), sealer=opened.sealer)
    return Filed(opened.case.id, note_id)


def _matched(
    tx: Transaction,
    delivery: Delivery,
    opened: OpenCase,
    *,
    matches: Sequence[str],
    at: datetime,
    entry_id: str,
) -> tuple[str, ...]:
    """The described persons as subjects of the case: chosen, known by number, or added."""
    known = persons_in(tx, opened)
    chosen = dict(enumerate(matches))
    described = tuple(
        _known(person, known, chosen.get(position, ""))
        or insert_new_person(
            tx, _marked(tx, opened, person), _relation(person), opened, at=at, entry_id=entry_id
        )
        for position, person in enumerate(delivery.head.persons)
    )
    return tuple(dict.fromkeys(described))


def _marked(tx: Transaction, opened: OpenCase, person: DeliveredPerson) -> Identity:
    """With the mark, if it is or may be somebody marked: nobody is asked here, and two persons can
    take it away."""
    identity = mark_along(tx, opened.ring, _identity(person)).identity
    if may_be_marked(tx, opened.ring, identity):
        return replace(identity, protected="yes")
    return identity


def _known(person: DeliveredPerson, known: tuple[CasePerson, ...], chosen: str) -> str | None:
    for one in known:
        number = one.subject.identity.number
        by_number = number is not None and number.digits == person.number
        if one.subject.id == chosen or (not chosen and by_number):
            return one.subject.id
    return None


def _identity(person: DeliveredPerson) -> Identity:
    return Identity(
        name=person.name,
        number=PersonalNumber(person.number) if person.number else None,
        born=person.born,
        protected="yes"
        if person.protected == "yes"
        else "no"
        if person.protected == "no"
        else "unknown",
    )


def _relation(person: DeliveredPerson) -> Relation:
    """Never `subject`: whom the recipient's case is about, the recipient has decided already."""
    match person.relation:
        case "guardian" | "sibling" | "relative":
            return person.relation
        case _:
            return "other"


def _tell_refused(
    tx: Transaction,
    op: str,
    stored: StoredDelivery,
    opened: OpenCase,
    actor: Actor,
    *,
    at: datetime,
) -> None:
    tx.record(
        happened(
            op,
            "deny",
            actor,
            at=at,
            case=opened.case.id,
            about={"delivery": stored.id},
        ),
        sealer=opened.sealer,
    )
