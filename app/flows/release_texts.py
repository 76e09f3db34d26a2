"""Give the person a case is about the text of its notes, with their register extract.

By the case team, who alone read notes. Offered are notes about that person and nobody else, whose
existence is no secret towards them; each that is not given is left out for a reason. What speaks of
others too must be masked by hand, and is not offered whole.
Law: dataskyddsförordningen artikel 15.3; OSL 12 kap. 1 §
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.emergency import parse_reason
from app.domain.note import NoteLine
from app.domain.problem import Problem
from app.domain.subject import Subject
from app.flows.extract_tables import protected
from app.flows.find_case import OpenCase, find_case
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.read_notes import NotesRead, RelationInTheWay, show_notes
from app.flows.sealing import open_line
from app.keys import Rings
from app.records.note import newest_heads, newest_versions
from app.records.store import Store
from app.records.transaction import Transaction
from audit.canonical import Json
from policies import Law


@dataclass(frozen=True, kw_only=True)
class TextsOffered:
    """The notes that can be given whole, and how many about the person cannot."""

    case: Case
    subject: Subject
    offered: tuple[NoteLine, ...]
    by_hand: int


@dataclass(frozen=True)
class TextsNotReleased:
    """Nothing was opened."""

    problems: tuple[Problem, ...]


def offer_texts(
    case_id: str, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> TextsOffered | NotFound:
    """What can be given, by title."""
    with store.begin(at=at) as tx:
        opened = find_case(tx, case_id, actor, "disclose", at=at, rings=rings, law=law)
        if opened is None:
            return _not_found(tx, case_id, actor, at=at, rings=rings)
        offered = _offered(tx, opened)
        event = happened("extract.texts_listed", "allow", actor, at=at, case=case_id)
        tx.record(event, sealer=opened.sealer)
    return offered


def release_texts(
    case_id: str,
    note_ids: Sequence[str],
    reason: str,
    actor: Actor,
    *,
    despite: bool,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> NotesRead | TextsNotReleased | RelationInTheWay | NotFound:
    """The chosen texts. `reason` says why any that was offered is not among them."""
    with store.begin(at=at) as tx:
        opened = find_case(tx, case_id, actor, "disclose", at=at, rings=rings, law=law)
        if opened is None:
            return _not_found(tx, case_id, actor, at=at, rings=rings)
        offered = {one.id for one in _offered(tx, opened).offered}
        wanted = tuple(dict.fromkeys(note_ids))
        problem = _problem(wanted, offered, reason)
        if problem is not None:
            event = happened("extract.texts_refused", "deny", actor, at=at, case=case_id)
            tx.record(event, sealer=opened.sealer)
            return TextsNotReleased((problem,))
        detail: dict[str, Json] = {"left_out": len(offered) - len(wanted)}
        if len(wanted) < len(offered):
            detail["why"] = reason
        return show_notes(
            tx,
            "extract.texts_released",
            opened,
            newest_versions(tx, case_id, wanted),
            actor,
            at=at,
            despite=despite,
            detail=detail,
        )


def _offered(tx: Transaction, opened: OpenCase) -> TextsOffered:
    subject = opened.subject
    lines = [open_line(opened.key, one) for one in newest_heads(tx, [opened.case.id])]
    about = [one for one in lines if subject.id in one.head.described]
    alone = [
        one for one in about if set(one.head.described) == {subject.id} and not protected(one.head)
    ]
    return TextsOffered(
        case=opened.case, subject=subject, offered=tuple(alone), by_hand=len(about) - len(alone)
    )


def _problem(wanted: Sequence[str], offered: set[str], reason: str) -> Problem | None:
    if not wanted or not offered.issuperset(wanted):
        return Problem(field="note", code="text_not_chosen")
    if len(wanted) < len(offered):
        judged = parse_reason(reason)
        return judged if isinstance(judged, Problem) else None
    return None


def _not_found(
    tx: Transaction, case_id: str, actor: Actor, *, at: datetime, rings: Rings
) -> NotFound:
    about: dict[str, Json] = {"asked_case": case_id}
    return tell_not_found(tx, "extract.texts_not_found", actor, at=at, rings=rings, about=about)
