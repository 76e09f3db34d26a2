"""See the signals in one's own organisation's log, and answer them. Never those of oneself.

Names are opened in memory, for one organisation at a time, and leave it neither for the log nor for
the page. The look is an entry, and each answer is one.
Law: PDL 4 kap. 3 § (the model followed for all)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.emergency import LASTS, EmergencyTerms, Verdict
from app.domain.legal_day import legal_day
from app.domain.page_block import block_with
from app.domain.staff import StaffMember
from app.flows.accesses import accesses_in, what_is_known
from app.flows.answered_already import AnsweredAlready, answered_already
from app.flows.emergency_terms import open_remark, open_terms
from app.flows.happened import happened
from app.flows.hold_stretch import StretchHeld, hold_since
from app.flows.not_found import NotFound, tell_not_found
from app.flows.trail_page import UnlikeFound, unlike_page
from app.keys import Ring, Rings, event_sealer
from app.records.case_review import cases_by_id
from app.records.emergency import StoredOpening, openings_of
from app.records.signal_answer import SignalAnswer, answers_to, insert_answer
from app.records.staff import staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from app.signals import Signal, detect
from app.signals.detect import READS_WITHIN, WORK_BEFORE
from audit.canonical import Json
from policies import Law
from policies.roles import can

SHOWN = timedelta(days=35)
"""So far back signals are shown: since before the latest round."""
LOOKED_AT = SHOWN + READS_WITHIN + WORK_BEFORE
"""So far back entries are read: as far as a signal counts readings, and as far before the first of
them as work in the case would make it usual."""
MOST_ENTRIES = 20_000
MOST_OPENINGS = 1_000
REMARK = "signal-remark"


@dataclass(frozen=True, kw_only=True)
class SignalSeen:
    """One signal with what was made of it."""

    key: str
    signal: Signal
    answer: SignalAnswer | None
    remark: str
    opening_id: str | None = None
    """The emergency opening that it is, which has its answer where openings have theirs."""


@dataclass(frozen=True, kw_only=True)
class SignalsSeen:
    """Those without an answer first, then the newest first."""

    lines: tuple[SignalSeen, ...]
    staff: Mapping[str, StaffMember]
    cases: Mapping[str, Case]
    whole: bool
    """Whether every entry of the time was read: false says that there were too many."""
    later: bool
    """Whether these are not the first."""
    more: str | None
    """The first key of the next page, if there is one."""
    unlike: UnlikeFound
    """Where the index of entries says something else than the log, which the signals are of."""


@dataclass(frozen=True)
class SignalAnswered:
    """The answer is kept."""


def see_signals(
    actor: Actor, *, key: str = "", at: datetime, store: Store, rings: Rings, law: Law
) -> SignalsSeen | NotFound:
    """The signals of the last weeks, the fifty among which `key` is. A fixed number of queries."""
    ring, where = rings.current(actor.organisation_id), actor.organisation_id
    with store.begin(at=at) as tx:
        if not any(can(law, role, "review_audit") for role in actor.roles):
            return tell_not_found(tx, "signal.not_allowed", actor, at=at, rings=rings, about={})
        signals, held = _signals(tx, actor, rings, at=at, law=law)
        answers = answers_to(tx, signals, organisation_id=where)
        lines = [
            SignalSeen(
                key=key,
                signal=signal,
                answer=answers.get(key),
                remark=_remark(ring, answers.get(key)),
            )
            for key, signal in signals.items()
            if signal.kind != "emergency"
        ]
        lines += _openings(tx, signals, ring, at=at)
        lines.sort(key=lambda one: (one.answer is not None, -one.signal.at.timestamp()))
        block, more = block_with(key, [one.key for one in lines])
        shown = tuple(lines[block])
        named = {one.signal.staff_id for one in shown}
        named |= {one.answer.answered_by for one in shown if one.answer}
        ids = {one.signal.case_id for one in shown if one.signal.case_id}
        found = cases_by_id(tx, ids, organisation_id=where)
        staff = staff_by_id(tx, named)
        unlike = unlike_page(tx, held.unlike, actor, rings)
        detail: dict[str, Json] = {"count": len(shown)}
        detail |= {"unlike": unlike.count} if unlike.count else {}
        event = happened("signal.listed", "allow", actor, at=at, detail=detail)
        tx.record(event, sealer=event_sealer(ring, None))
    return SignalsSeen(
        lines=shown,
        staff=staff,
        cases={one.case.id: one.case for one in found.values()},
        whole=held.whole,
        later=block.start > 0,
        more=more,
        unlike=unlike,
    )


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
) -> SignalAnswered | AnsweredAlready | NotFound:
    """Say what a signal was. A second answer changes nothing, and the log tells that it came.

    An emergency opening is answered where openings are, so that it never has two answers.
    """
    ring, where = rings.current(actor.organisation_id), actor.organisation_id
    with store.begin(at=at) as tx:
        allowed = any(can(law, role, "review_audit") for role in actor.roles)
        signals = _signals(tx, actor, rings, at=at, law=law)[0] if allowed else {}
        signal = signals.get(key)
        elsewhere = signal is not None and signal.kind == "emergency"
        if signal is None or elsewhere or signal.staff_id == actor.staff_id:
            return tell_not_found(tx, "signal.not_found", actor, at=at, rings=rings, about={})
        answer = SignalAnswer(
            organisation_id=where,
            signal=key,
            staff_id=signal.staff_id,
            answered_by=actor.staff_id,
            answered_at=at,
            verdict=verdict,
            remark=ring.seal_text(REMARK, key, remark.encode()),
        )
        about: dict[str, Json] = {"of": signal.staff_id, "entry": signal.n}
        detail: dict[str, Json] = {"signal": signal.kind, "verdict": verdict}
        event = happened("signal.answered", "allow", actor, at=at, about=about, detail=detail)
        if not insert_answer(tx, answer, entry_id=event.id):
            repeated = replace(event, op="signal.answer_repeated", res="deny")
            tx.record(repeated, sealer=event_sealer(ring, None))
            return _answered_already(tx, ring, answer, remark)
        tx.record(event, sealer=event_sealer(ring, None))
    return SignalAnswered()


def _answered_already(
    tx: Transaction, ring: Ring, sent: SignalAnswer, remark: str
) -> SignalAnswered | AnsweredAlready:
    """Who was first. The same words by the same person are one answer, sent twice."""
    first = answers_to(tx, [sent.signal], organisation_id=sent.organisation_id)[sent.signal]
    same = (sent.answered_by, sent.verdict, remark)
    if (first.answered_by, first.verdict, _remark(ring, first)) == same:
        return SignalAnswered()
    return answered_already(tx, first.answered_by, first.answered_at)


def _signals(
    tx: Transaction, actor: Actor, rings: Rings, *, at: datetime, law: Law
) -> tuple[dict[str, Signal], StretchHeld]:
    """By the names they go under, with what they were found in: as the log says, not the index."""
    held = hold_since(tx, rings, actor.organisation_id, at - LOOKED_AT, most=MOST_ENTRIES)
    accesses = accesses_in(held.entries)
    ring = rings.current(actor.organisation_id)
    known = what_is_known(tx, accesses, actor.organisation, ring, at=at, law=law)
    found = [one for one in detect(accesses, known) if one.at >= at - SHOWN]
    return {name_of(one): one for one in found}, held


def _openings(
    tx: Transaction, signals: Mapping[str, Signal], ring: Ring, *, at: datetime
) -> list[SignalSeen]:
    """The signals that are emergency openings, with the verdicts on those. One query."""
    theirs = {key: one for key, one in signals.items() if one.kind == "emergency"}
    stored = openings_of(tx, ring.organisation_id, since=at - SHOWN - LASTS, most=MOST_OPENINGS)
    opened = sorted(
        ((open_terms(ring, one).terms, one) for one in stored), key=lambda both: both[0].asked_at
    )
    return [
        _opening(key, signal, ring, [row for terms, row in opened if _is_of(signal, terms)])
        for key, signal in theirs.items()
    ]


def _is_of(signal: Signal, terms: EmergencyTerms) -> bool:
    same = (terms.staff_id, terms.case_id) == (signal.staff_id, signal.case_id)
    return same and terms.asked_at <= signal.at < terms.ends_at


def _opening(key: str, signal: Signal, ring: Ring, found: list[StoredOpening]) -> SignalSeen:
    one = found[0] if found else None
    answer = None
    if one and one.reviewed_by and one.reviewed_at and one.verdict and one.remark:
        answer = SignalAnswer(
            organisation_id=one.organisation_id,
            signal=key,
            staff_id=signal.staff_id,
            answered_by=one.reviewed_by,
            answered_at=one.reviewed_at,
            verdict=one.verdict,
            remark=one.remark,
        )
    return SignalSeen(
        key=key,
        signal=signal,
        answer=answer,
        remark=open_remark(ring, one) if one else "",
        opening_id=one.id if one else None,
    )


def name_of(signal: Signal) -> str:
    """What the signal goes under, from day to day: kind, person, case and day in Sweden."""
    parts = (signal.kind, signal.staff_id, signal.case_id or "", legal_day(signal.at).isoformat())
    return "|".join(parts)


def _remark(ring: Ring, answer: SignalAnswer | None) -> str:
    if answer is None:
        return ""
    return ring.open_text(REMARK, answer.signal, answer.remark).decode()
