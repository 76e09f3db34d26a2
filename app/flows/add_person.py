"""Add a person to a case, so that notes can say whom they describe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.problem import Problem
from app.domain.subject import Identity, Relation, Subject
from app.flows.find_case import OpenCase, find_case
from app.flows.happened import happened
from app.flows.mark_along import MAYBE_MARKED, mark_along, may_be_marked, told_of_mark
from app.flows.not_found import NotFound, tell_not_found
from app.flows.sealing import seal_subject
from app.keys import Rings
from app.records.case import insert_person
from app.records.once import already_done, remember_done
from app.records.store import Store
from app.records.subject import insert_subject
from app.records.transaction import Transaction
from audit.canonical import Json
from policies import Law


@dataclass(frozen=True)
class PersonAdded:
    """The person can be chosen in the case's notes."""

    subject_id: str
    marked: bool = False
    """Whether a mark of protected identity came along from another case."""


@dataclass(frozen=True)
class PersonNotAdded:
    """Nobody was added, and why."""

    problems: tuple[Problem, ...]


def add_person(
    case_id: str,
    identity: Identity,
    relation: Relation,
    actor: Actor,
    *,
    another: bool = False,
    token: str,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> PersonAdded | PersonNotAdded | NotFound:
    """Add one person with their relation to the young person. A repeated form adds one.

    `another`: it has been answered that this is not the marked person with the same name.
    """
    with store.begin(at=at) as tx:
        opened = find_case(tx, case_id, actor, "write_note", at=at, rings=rings, law=law)
        if opened is None:
            missing: dict[str, Json] = {"asked_case": case_id}
            op = "person.case_not_found"
            return tell_not_found(tx, op, actor, at=at, rings=rings, about=missing)
        done = already_done(tx, token, actor.staff_id, "add_person")
        found = mark_along(tx, opened.ring, identity)
        asks = not done and may_be_marked(tx, opened.ring, found.identity)
        refused = asks and not another
        event = happened(
            "person.add_repeated" if done else "person.add_asked" if refused else "person.added",
            "deny" if done or refused else "allow",
            actor,
            at=at,
            case=case_id,
            detail={"relation": relation, **told_of_mark(found.along, another=asks and another)},
        )
        if refused:
            tx.record(event, sealer=opened.sealer)
            return PersonNotAdded((MAYBE_MARKED,))
        subject_id = done
        if subject_id is None:
            subject_id = insert_new_person(
                tx, found.identity, relation, opened, at=at, entry_id=event.id
            )
            remember_done(tx, token, actor.staff_id, "add_person", subject_id, at=at)
        tx.record(event, sealer=opened.sealer)
        return PersonAdded(subject_id, marked=found.along)


def insert_new_person(
    tx: Transaction,
    identity: Identity,
    relation: Relation,
    opened: OpenCase,
    *,
    at: datetime,
    entry_id: str,
) -> str:
    """Add a subject to the organisation's register and to the case; returns the subject's id."""
    subject = Subject(id=new_id(at), organisation_id=opened.case.organisation_id, identity=identity)
    insert_subject(tx, seal_subject(opened.ring, subject), at=at, entry_id=entry_id)
    insert_person(
        tx,
        case_id=opened.case.id,
        organisation_id=opened.case.organisation_id,
        subject_id=subject.id,
        relation=relation,
        entry_id=entry_id,
    )
    return subject.id
