"""Record a consent or a refusal of one, and withdraw it.

Withdrawal stops what is still on its way and every later disclosure that needs it; it undoes
nothing that has arrived. Law: OSL 10 kap. 1 §, 12 kap. 2 §
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.consent import Consent, ConsentTerms
from app.domain.disclosure import Disclosure
from app.domain.ids import new_id
from app.domain.problem import Problem
from app.flows.find_case import find_case
from app.flows.happened import happened
from app.flows.hold_case import hold_case, instant_of
from app.flows.not_found import NotFound, tell_not_found
from app.keys import Rings
from app.records.case import persons_of
from app.records.consent import consent_in_case, insert_consent, mark_withdrawn
from app.records.delivery import lock_deliveries, recall, tell_consent_withdrawn
from app.records.disclosure import disclosures_of_case, mark_stopped
from app.records.once import already_done, remember_done
from app.records.store import Store
from app.records.transaction import Transaction
from audit.entry import Event
from policies import Law


@dataclass(frozen=True)
class ConsentRecorded:
    """The answer is on record."""

    consent_id: str


@dataclass(frozen=True)
class ConsentNotRecorded:
    """Something in it cannot be used."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Withdrawn:
    """Withdrawn from now on."""

    stopped: int
    """Disclosures that were on their way and never arrive."""
    already_arrived: int
    """Disclosures that rest on it and cannot be undone."""


def record_consent(
    case_id: str,
    terms: ConsentTerms,
    actor: Actor,
    *,
    token: str,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> ConsentRecorded | ConsentNotRecorded | NotFound:
    """Record one answer to one question of consent, before a disclosure is decided or after it."""
    with store.begin(at=at) as tx:
        at = hold_case(tx, case_id, actor, at=at)
        opened = find_case(tx, case_id, actor, "record_consent", at=at, rings=rings, law=law)
        if opened is None:
            return tell_not_found(
                tx,
                "consent.case_not_found",
                actor,
                at=at,
                rings=rings,
                about={"asked_case": case_id},
            )
        done = already_done(tx, token, actor.staff_id, "record_consent")
        known = terms.subject_id in {sealed.id for sealed, _ in persons_of(tx, case_id)}
        consent = Consent(
            id=new_id(at),
            organisation_id=actor.organisation_id,
            case_id=case_id,
            terms=terms,
            recorded_at=at,
        )
        op = (
            "consent.record_refused"
            if not known
            else "consent.record_repeated"
            if done
            else "consent.recorded"
        )
        event = _told(op, consent, actor, at=at)
        if known and not done:
            insert_consent(tx, consent, entry_id=event.id)
            remember_done(tx, token, actor.staff_id, "record_consent", consent.id, at=at)
        tx.record(event, sealer=opened.sealer)
    if not known:
        return ConsentNotRecorded((Problem(field="subject_id", code="described_unknown"),))
    return ConsentRecorded(done or consent.id)


def _told(op: str, consent: Consent, actor: Actor, *, at: datetime) -> Event:
    terms = consent.terms
    return happened(
        op,
        "allow" if op == "consent.recorded" else "deny",
        actor,
        at=at,
        case=consent.case_id,
        about={"consent": consent.id, "subject": terms.subject_id},
        detail=dict(terms.told()),
    )


def withdraw_consent(
    case_id: str,
    consent_id: str,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> Withdrawn | NotFound:
    """Withdraw from the instant `at` on. Withdrawing twice changes nothing the second time."""
    with store.begin(at=at) as tx:
        at = hold_case(tx, case_id, actor, at=at)
        opened = find_case(tx, case_id, actor, "withdraw_consent", at=at, rings=rings, law=law)
        consent = consent_in_case(tx, consent_id, case_id=case_id) if opened else None
        if opened is None or consent is None or consent.terms.answer != "given":
            return tell_not_found(
                tx,
                "consent.not_found",
                actor,
                at=at,
                rings=rings,
                about={"asked_case": case_id, "consent": consent_id},
            )
        again = consent.withdrawn_at is not None
        resting = () if again else _resting_on(tx, consent)
        # Held before the clock is judged: what somebody has begun to read has arrived.
        lock_deliveries(tx, [one.delivery_id for one in resting])
        at = instant_of(tx, at)
        on_its_way = [one for one in resting if one.state(at) == "on_its_way"]
        event = happened(
            "consent.withdraw_repeated" if again else "consent.withdrawn",
            "deny" if again else "allow",
            actor,
            at=at,
            case=case_id,
            about={"consent": consent_id, "subject": consent.terms.subject_id},
            detail={
                "recipient": consent.terms.recipient_id,
                "stopped": [one.id for one in on_its_way],
            },
        )
        if not again:
            mark_withdrawn(tx, consent_id, at=at, entry_id=event.id)
        arrived = [one for one in resting if one.state(at) == "arrived"]
        _stop(tx, on_its_way, arrived, at=at, entry_id=event.id)
        tx.record(event, sealer=opened.sealer)
    return Withdrawn(len(on_its_way), len(arrived))


def _resting_on(tx: Transaction, consent: Consent) -> tuple[Disclosure, ...]:
    return tuple(
        one
        for one in disclosures_of_case(tx, consent.case_id, lock=True)
        if consent.id in one.consents
    )


def _stop(
    tx: Transaction,
    on_its_way: list[Disclosure],
    arrived: list[Disclosure],
    *,
    at: datetime,
    entry_id: str,
) -> None:
    """Stop what has not arrived; tell the recipients of what has."""
    if on_its_way:
        recall(tx, [one.delivery_id for one in on_its_way], at=at)
        mark_stopped(tx, [one.id for one in on_its_way], at=at, entry_id=entry_id)
    if arrived:
        tell_consent_withdrawn(tx, [one.delivery_id for one in arrived], at=at, entry_id=entry_id)
