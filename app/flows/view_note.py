"""Look at one note's title before opening it, and at the persons it may describe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.note import NoteLine
from app.domain.subject import CasePerson
from app.flows.find_case import find_case_of_note, persons_in
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.sealing import open_line
from app.keys import Rings
from app.records.note import newest_head
from app.records.store import Store
from policies import Law


@dataclass(frozen=True, kw_only=True)
class NotePage:
    """One note without its text, and everyone in its case."""

    case: Case
    line: NoteLine
    persons: tuple[CasePerson, ...]


def view_note(
    note_id: str, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> NotePage | NotFound:
    """The newest version's title, for someone in the case team."""
    with store.begin(at=at) as tx:
        opened = find_case_of_note(tx, note_id, actor, "read_note", at=at, rings=rings, law=law)
        stored = newest_head(tx, note_id) if opened else None
        if opened is None or stored is None:
            return tell_not_found(
                tx, "note.not_found", actor, at=at, rings=rings, about={"notes": [note_id]}
            )
        seen = NotePage(
            case=opened.case, line=open_line(opened.key, stored), persons=persons_in(tx, opened)
        )
        tx.record(
            happened(
                "note.title_viewed",
                opened.result,
                actor,
                at=at,
                case=opened.case.id,
                about={"note": note_id, "version": stored.version},
            ),
            sealer=opened.sealer,
        )
    return seen
