"""Ask for a certificate of training, and see it again. The only thing training ever keeps.

What was answered is weighed here and forgotten: the certificate holds how many, never which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.training_certificate import TrainingCertificate
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.keys import Rings, event_sealer
from app.records.once import already_done, remember_done
from app.records.store import Store
from app.records.training_certificate import certificate_of, insert_certificate
from policies import Law
from policies.training import Guess, answered_alike, training_cases

_ACT = "certify_training"


@dataclass(frozen=True)
class TrainingCertified:
    """There is a certificate."""

    certificate_id: str


@dataclass(frozen=True)
class TrainingNotCertified:
    """Some case is not answered; nothing was kept."""

    left: int


def certify_training(
    guesses: Sequence[Guess | None],
    actor: Actor,
    *,
    token: str,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> TrainingCertified | TrainingNotCertified:
    """Keep that the actor has answered every case. The same form sent twice gives one."""
    answered = [one for one in guesses if one is not None]
    left = len(training_cases(law)) - len(answered)
    sealer = event_sealer(rings.current(actor.organisation_id), None)
    with store.begin(at=at) as tx:
        # Where the law in use tells none of the cases there is nothing to certify.
        if left or not answered:
            event = happened(
                "training.certify_refused", "deny", actor, at=at, detail={"left": left}
            )
            tx.record(event, sealer=sealer)
            return TrainingNotCertified(left)
        if done := already_done(tx, token, actor.staff_id, _ACT):
            about = {"certificate": done}
            event = happened("training.certify_repeated", "deny", actor, at=at, about=dict(about))
            tx.record(event, sealer=sealer)
            return TrainingCertified(done)
        made = _made_out(answered, actor, law, at)
        event = happened(
            "training.certified",
            "allow",
            actor,
            at=at,
            about={"certificate": made.id},
            detail={"cases": made.cases, "alike": made.alike},
            pack=law.sha256,
        )
        insert_certificate(tx, made, entry_id=event.id)
        remember_done(tx, token, actor.staff_id, _ACT, made.id, at=at)
        tx.record(event, sealer=sealer)
    return TrainingCertified(made.id)


def _made_out(
    answered: Sequence[Guess], actor: Actor, law: Law, at: datetime
) -> TrainingCertificate:
    return TrainingCertificate(
        id=new_id(at),
        organisation_id=actor.organisation_id,
        staff_id=actor.staff_id,
        cases=len(answered),
        alike=answered_alike(law, answered),
        pack=f"{law.id} {law.version}",
        pack_sha256=law.sha256,
        given_at=at,
    )


def own_certificate(
    certificate_id: str, actor: Actor, *, at: datetime, store: Store, rings: Rings
) -> TrainingCertificate | NotFound:
    """One of the actor's own, to print. Nobody else sees it."""
    about = {"certificate": certificate_id}
    with store.begin(at=at) as tx:
        found = certificate_of(
            tx,
            certificate_id,
            organisation_id=actor.organisation_id,
            staff_id=actor.staff_id,
        )
        if found is None:
            op = "training.certificate_not_found"
            return tell_not_found(tx, op, actor, at=at, rings=rings, about=dict(about))
        event = happened("training.certificate_seen", "allow", actor, at=at, about=dict(about))
        tx.record(event, sealer=event_sealer(rings.current(actor.organisation_id), None))
    return found
