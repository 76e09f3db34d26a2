"""Have the newest checkpoint stamped with the time, by a service that others trust.

Once a day, as the stamp is for those who one day ask when, and not for the day's work. The service
sees a hash of the checkpoint and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.keys import StampFalse, check_stamp, request_stamp
from app.records.audit_log import latest_checkpoint
from app.records.store import Store
from app.records.timestamp import latest_timestamp, put_timestamp
from audit.checkpoint import split_note
from audit.http_post import NoAnswer, post

WAIT_SECONDS = 20.0
"""For the service to answer."""
_QUERY = "application/timestamp-query"


@dataclass(frozen=True)
class StampService:
    """Where it answers, the certificates (PEM) that lead to its own, and how often it is asked."""

    url: str
    roots: bytes
    every: timedelta


@dataclass(frozen=True)
class Stamped:
    """The checkpoint of `size` entries existed at `at`, says the service."""

    size: int
    at: datetime


@dataclass(frozen=True)
class NotStamped:
    """Asked in vain, and why."""

    why: str


def timestamp_log(
    service: StampService, *, at: datetime, store: Store, now: bool = False
) -> Stamped | NotStamped | None:
    """Stamp the newest checkpoint if it is time, or `now`; None if there is nothing to stamp."""
    with store.look(at=at) as tx:
        newest, last = latest_checkpoint(tx), latest_timestamp(tx)
    if newest is None or (last is not None and newest.n <= last[0]):
        return None
    if last is not None and not now and at - last[1] < service.every:
        return None
    request = request_stamp(split_note(newest.note)[0].encode())
    try:
        status, answer = post(service.url, request.sent, kind=_QUERY, wait_seconds=WAIT_SECONDS)
        if status != 200:
            return NotStamped(f"{service.url} answered {status}")
        stamped_at = check_stamp(answer, request, service.roots)
    except (NoAnswer, StampFalse) as fault:
        return NotStamped(str(fault))
    with store.begin(at=at) as tx:
        put_timestamp(tx, newest.n, answer, stamped_at=stamped_at)
    return Stamped(newest.n, stamped_at)
