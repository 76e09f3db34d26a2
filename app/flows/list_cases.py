"""List the cases in whose team someone is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.subject import Subject
from app.flows.happened import happened
from app.flows.own_cases import own_cases
from app.flows.sealing import open_subject
from app.keys import Rings, event_sealer
from app.records.store import Store

_DIGITS = 6
"""So many digits of an identity number are sought for among the numbers; fewer are in most."""


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    """One of one's own cases."""

    case: Case
    subject: Subject


def list_cases(
    actor: Actor, *, sought: str = "", at: datetime, store: Store, rings: Rings
) -> tuple[CaseLine, ...]:
    """The actor's own cases, newest first: all, or those that have `sought` in their number, in the
    name of the young person or in their identity number. The entry tells how many were shown, never
    what was sought; a place in a team that the log does not tell of shows none, and has an entry of
    its own."""
    ring = rings.current(actor.organisation_id)
    with store.begin(at=at) as tx:
        found = own_cases(tx, actor, at=at, rings=rings)
        # Opened before the entry stands: it tells of no list that nobody could be given.
        lines = tuple(
            CaseLine(case=one.found.case, subject=open_subject(ring, one.found.subject))
            for one in found
        )
        if sought:
            lines = tuple(line for line in lines if _has(line, sought))
        tx.record(
            happened(
                "case.searched" if sought else "case.listed",
                "allow",
                actor,
                at=at,
                detail={"count": len(lines)},
            ),
            sealer=event_sealer(ring, None),
        )
    return lines


def _has(line: CaseLine, sought: str) -> bool:
    identity = line.subject.identity
    named = (line.case.reference, identity.name)
    words = sought.casefold().split()
    if all(any(word in text.casefold() for text in named) for word in words):
        return True
    digits = "".join(filter(str.isdecimal, sought))
    return bool(identity.number and len(digits) >= _DIGITS and digits in identity.number.digits)
