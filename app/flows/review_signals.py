"""See the signals in one's own organisation's log, and answer them. Never those of oneself.

Names are opened in memory, for one organisation at a time, and leave it neither for the log nor for
the page. The look is an entry, and each answer is one.
Law: PDL 4 kap. 3 § (the model followed for all)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.emergency import Verdict
from app.domain.legal_day import legal_day
from app.domain.staff import StaffMember
from app.flows.accesses import accesses_in, what_is_known
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.keys import Ring, Rings, event_sealer
from app.records.audit_view import EntryFilter, entries_found
from app.records.case_review import cases_by_id
from app.records.signal_answer import SignalAnswer, answers_to, insert_answer
from app.records.staff import staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from app.signals import Signal, detect
from policies import Law
from policies.roles import can

SHOWN = timedelta(days=35)
"""So far back signals are shown: since before the latest round."""
LOOKED_AT = SHOWN + timedelta(days=60)
"""So far back entries are read, because whether somebody works in a case shows over months."""
MOST_ENTRIES = 20_000
MOST_SIGNALS = 100
_REMARK = "signal-remark"


@dataclass(frozen=True, kw_only=True)
class SignalSeen:
    """One signal with what was made of it."""

    key: str
    signal: Signal
    answer: SignalAnswer | None
    remark: str


@dataclass(frozen=True, kw_only=True)
class SignalsSeen:
    """Those without an answer first, then the newest first."""

    lines: tuple[SignalSeen, ...]
    staff: Mapping[str, StaffMember]
    cases: Mapping[str, Case]
    whole: bool
    """Whether every entry of the time was read: false says that there were too many."""


@dataclass(frozen=True)
class SignalAnswered:
    """The answer is kept."""


def see_signals(
    actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> SignalsSeen | NotFound:
    """The signals of the last weeks. A fixed number of queries."""
    ring, where = rings.current(actor.organisation_id), actor.organisation_id
    with store.begin(at=at) as tx:
        if not any(can(law, role, "review_audit") for role in actor.roles):
            return tell_not_found(tx, "signal.not_allowed", actor, at=at, rings=rings, about={})
        signals, whole = _signals(tx, actor, ring, at=at, law=law)
        answers = answers_to(tx, signals, organisation_id=where)
        lines = [
            SignalSeen(
                key=key,
                signal=signal,
                answer=answers.get(key),
                remark=_remark(ring, answers.get(key)),
            )
            for key, signal in signals.items()
        ]
        lines.sort(key=lambda one: (one.answer is not None, -one.signal.at.timestamp()))
        shown = tuple(lines[:MOST_SIGNALS])
        named = {one.signal.staff_id for one in shown}
        named |= {one.answer.answered_by for one in shown if one.answer}
        ids = {one.signal.case_id for one in shown if one.signal.case_id}
        found = cases_by_id(tx, ids, organisation_id=where)
        staff = staff_by_id(tx, named)
        tx.record(
            happened("signal.listed", "allow", actor, at=at, detail={"count": len(lines)}),
            sealer=event_sealer(ring, None),
        )
    cases = {one.case.id: one.case for one in found.values()}
    return SignalsSeen(lines=shown, staff=staff, cases=cases, whole=whole)


def answer_signal(
    key: str,
    verdict: Verdict,
    remark: str,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> SignalAnswered | NotFound:
    """Say what a signal was. A second answer changes nothing, and the log tells that it came."""
    ring, where = rings.current(actor.organisation_id), actor.organisation_id
    with store.begin(at=at) as tx:
        allowed = any(can(law, role, "review_audit") for role in actor.roles)
        signals = _signals(tx, actor, ring, at=at, law=law)[0] if allowed else {}
        signal = signals.get(key)
        if signal is None or signal.staff_id == actor.staff_id:
            return tell_not_found(tx, "signal.not_found", actor, at=at, rings=rings, about={})
        again = bool(answers_to(tx, [key], organisation_id=where))
        event = happened(
            "signal.answer_repeated" if again else "signal.answered",
            "deny" if again else "allow",
            actor,
            at=at,
            about={"of": signal.staff_id, "entry": signal.n},
            detail={"signal": signal.kind, "verdict": verdict},
        )
        if not again:
            answer = SignalAnswer(
                organisation_id=where,
                signal=key,
                staff_id=signal.staff_id,
                answered_by=actor.staff_id,
                answered_at=at,
                verdict=verdict,
                remark=ring.seal_text(_REMARK, key, remark.encode()),
            )
            insert_answer(tx, answer, entry_id=event.id)
        tx.record(event, sealer=event_sealer(ring, None))
    return SignalAnswered()


def _signals(
    tx: Transaction, actor: Actor, ring: Ring, *, at: datetime, law: Law
) -> tuple[dict[str, Signal], bool]:
    """By the names they go under, and whether all of the time was read."""
    which = EntryFilter(since=at - LOOKED_AT)
    entries = entries_found(tx, actor.organisation_id, which, most=MOST_ENTRIES)
    accesses = accesses_in(entries)
    known = what_is_known(tx, accesses, actor.organisation, ring, at=at, law=law)
    found = [one for one in detect(accesses, known) if one.at >= at - SHOWN]
    return {name_of(one): one for one in found}, len(entries) < MOST_ENTRIES


def name_of(signal: Signal) -> str:
    """What the signal goes under, from day to day: kind, person, case and day in Sweden."""
    parts = (signal.kind, signal.staff_id, signal.case_id or "", legal_day(signal.at).isoformat())
    return "|".join(parts)


def _remark(ring: Ring, answer: SignalAnswer | None) -> str:
    if answer is None:
        return ""
    return ring.open_text(_REMARK, answer.signal, answer.remark).decode()
