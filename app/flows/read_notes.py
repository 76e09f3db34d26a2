"""Open one or several notes of a case. The entry is committed first, and then they are shown.

The entry means *made available*, and names every note shown at once.
Law: PDL 4 kap. 3 § (the model followed for all), HSLF-FS 2016:40 4 kap. 9 §
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.note import NoteText
from app.domain.staff import StaffMember
from app.domain.subject import CasePerson, Subject
from app.flows.declare_relation import declared_towards
from app.flows.find_case import OpenCase, find_case, find_case_of_note, persons_in
from app.flows.gate_held import unlike_newest
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.sealing import open_text
from app.keys import Rings
from app.records.note import StoredNote, all_versions, newest_versions
from app.records.staff import staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from audit.canonical import Json
from policies import Law

MOST_NOTES = 500
"""How many can be opened at once; more would make a page nobody reads."""


@dataclass(frozen=True, kw_only=True)
class NotesRead:
    """Opened notes, newest first, and whom they speak of."""

    case: Case
    subject: Subject
    texts: tuple[NoteText, ...]
    persons: Mapping[str, CasePerson]
    staff: Mapping[str, StaffMember]
    unlike_log: tuple[NoteText, ...] = ()
    """Those that are shown as the newest version, where the log tells of another."""


@dataclass(frozen=True)
class RelationInTheWay:
    """The reader has declared jäv here, and has not yet said that they open it all the same."""

    case: Case


def read_notes(
    case_id: str,
    note_ids: Sequence[str],
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
    despite: bool = False,
) -> NotesRead | RelationInTheWay | NotFound:
    """The newest versions of the named notes. One that is not in the case makes all of it fail."""
    wanted = tuple(dict.fromkeys(note_ids))[:MOST_NOTES]
    with store.begin(at=at) as tx:
        opened = find_case(tx, case_id, actor, "read_note", at=at, rings=rings, law=law)
        stored = newest_versions(tx, case_id, wanted) if opened and wanted else ()
        if opened is None or len(stored) != len(wanted) or not wanted:
            return tell_not_found(
                tx,
                "note.not_found",
                actor,
                at=at,
                rings=rings,
                about={"asked_case": case_id, "notes": [*wanted[:20]]},
            )
        return show_notes(tx, "note.read", opened, stored, actor, at=at, despite=despite)


def read_note(
    note_id: str,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
    despite: bool = False,
) -> NotesRead | RelationInTheWay | NotFound:
    """The newest version of one note, found by the note alone."""
    with store.begin(at=at) as tx:
        opened = find_case_of_note(tx, note_id, actor, "read_note", at=at, rings=rings, law=law)
        stored = newest_versions(tx, opened.case.id, (note_id,)) if opened else ()
        if opened is None or not stored:
            return tell_not_found(
                tx, "note.not_found", actor, at=at, rings=rings, about={"notes": [note_id]}
            )
        return show_notes(tx, "note.read", opened, stored, actor, at=at, despite=despite)


def read_versions(
    note_id: str,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
    despite: bool = False,
) -> NotesRead | RelationInTheWay | NotFound:
    """Every version of one note, newest first."""
    with store.begin(at=at) as tx:
        opened = find_case_of_note(tx, note_id, actor, "read_note", at=at, rings=rings, law=law)
        if opened is None:
            return tell_not_found(
                tx, "note.not_found", actor, at=at, rings=rings, about={"notes": [note_id]}
            )
        stored = all_versions(tx, opened.case.id, note_id)
        return show_notes(tx, "note.versions_read", opened, stored, actor, at=at, despite=despite)


def show_notes(
    tx: Transaction,
    op: str,
    opened: OpenCase,
    stored: tuple[StoredNote, ...],
    actor: Actor,
    *,
    at: datetime,
    despite: bool,
    detail: Mapping[str, Json] | None = None,
) -> NotesRead | RelationInTheWay:
    """Opened, and entered as `op`. Nothing leaves before the transaction around it has committed.

    One who has declared jäv here is told so first, whichever way they come.
    """
    persons, case = persons_in(tx, opened), opened.case
    related = declared_towards(tx, opened.ring, persons, case.reference, actor, at=at)
    if related and not despite:
        warned = happened("note.relation_warned", "deny", actor, at=at, case=case.id)
        tx.record(warned, sealer=opened.sealer)
        return RelationInTheWay(case)
    heads = {one.note_id: one for one in reversed(stored)}
    unlike = unlike_newest(tx, opened, tuple(heads.values()))
    shown = NotesRead(
        case=case,
        subject=opened.subject,
        texts=tuple(open_text(opened.key, one) for one in stored),
        persons={one.subject.id: one for one in persons},
        staff=staff_by_id(tx, {one.author_id for one in stored}),
        unlike_log=tuple(open_text(opened.key, one) for one in unlike),
    )
    tx.record(
        happened(
            op,
            opened.result,
            actor,
            at=at,
            case=case.id,
            about={"notes": [f"{one.note_id}/{one.version}" for one in stored]},
            detail={
                **(detail or {}),
                **({"relation": "declared"} if related else {}),
                **({"unlike_log": [one.note_id for one in unlike]} if unlike else {}),
            },
        ),
        sealer=opened.sealer,
    )
    return shown
