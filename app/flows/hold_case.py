"""Hold a case still while something in it is decided, and say from which instant it counts.

Two who act at once read their clocks before they wait for each other, so the one who comes second
may have read the earlier time. Dated by that, a disclosure would rest on a consent that the log
says was withdrawn before it, and a delivery that has been opened would be taken back.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.actor import Actor
from app.records.audit_log import latest_time
from app.records.case import lock_case
from app.records.note import case_of_note
from app.records.transaction import Transaction

LONGEST_WAIT = timedelta(seconds=60)
"""Longer than any act can wait for another. A log further ahead than that was written by a clock
that was wrong, and following it would keep what is delivered today from arriving."""


def hold_case(tx: Transaction, case_id: str, actor: Actor, *, at: datetime) -> datetime:
    """Nobody else decides in the case, or ends the actor's part in it, until this act is over.

    Returns the instant of the act; see `instant_of`.
    """
    lock_case(tx, case_id, organisation_id=actor.organisation_id, staff_id=actor.staff_id)
    return instant_of(tx, at)


def hold_case_of_note(tx: Transaction, note_id: str, actor: Actor, *, at: datetime) -> datetime:
    """As `hold_case`, for the case a note is in. A note of another's holds nothing."""
    case_id = case_of_note(tx, note_id, organisation_id=actor.organisation_id)
    return instant_of(tx, at) if case_id is None else hold_case(tx, case_id, actor, at=at)


def instant_of(tx: Transaction, at: datetime) -> datetime:
    """`at`, or the log's latest time if that is a little later. Asked after the locks are held."""
    latest = latest_time(tx)
    if latest is None or not timedelta(0) < latest - at <= LONGEST_WAIT:
        return at
    return latest
