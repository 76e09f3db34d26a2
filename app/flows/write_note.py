"""Write a note in a case, or correct one. A correction adds a version; the old one stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.note import NoteDraft
from app.domain.problem import Problem
from app.flows.find_case import OpenCase, find_case, find_case_of_note
from app.flows.gate_held import unlike_newest
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.sealing import seal_note
from app.keys import Rings, SealedNote
from app.records.case import persons_of
from app.records.case_closing import still_open
from app.records.note import StoredNote, insert_note, insert_version, lock_note, newest_head
from app.records.once import already_done, remember_done
from app.records.store import Store
from app.records.transaction import Transaction
from policies import Law


@dataclass(frozen=True)
class NoteWritten:
    """The note, or its new version, is in the case."""

    note_id: str
    case_id: str
    version: int


@dataclass(frozen=True)
class NoteNotWritten:
    """Something in the draft cannot be used; nothing was stored."""

    problems: tuple[Problem, ...]


def write_note(
    case_id: str,
    draft: NoteDraft,
    actor: Actor,
    *,
    token: str,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> NoteWritten | NoteNotWritten | NotFound:
    """Add a note to a case of the actor's. A repeated form writes once."""
    with store.begin(at=at) as tx:
        opened = find_case(tx, case_id, actor, "write_note", at=at, rings=rings, law=law)
        if opened is None:
            return tell_not_found(
                tx, "note.case_not_found", actor, at=at, rings=rings, about={"asked_case": case_id}
            )
        refused = _refusal(tx, draft, opened, actor, token=token, act="write_note", at=at)
        if refused is not None:
            return refused
        note_id = new_id(at)
        return _store_version(
            tx, draft, opened, actor, note_id=note_id, version=1, token=token, at=at
        )


def correct_note(
    note_id: str,
    seen_version: int,
    draft: NoteDraft,
    actor: Actor,
    *,
    token: str,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> NoteWritten | NoteNotWritten | NotFound:
    """Add a version to a note. `seen_version` is the one the corrector had before their eyes.

    If somebody corrected it in between, nothing is stored and the draft is given back; nor where
    the log says that its newest version is another.
    """
    with store.begin(at=at) as tx:
        opened = find_case_of_note(tx, note_id, actor, "correct_note", at=at, rings=rings, law=law)
        newest = lock_note(tx, note_id) if opened else None
        if opened is None or newest is None:
            return tell_not_found(
                tx, "note.correct_not_found", actor, at=at, rings=rings, about={"note": note_id}
            )
        refused = _refusal(tx, draft, opened, actor, token=token, act="correct_note", at=at)
        if refused is not None:
            return refused
        if newest != seen_version:
            return _problem(
                tx, Problem(field="text", code="corrected_meanwhile"), opened, actor, at=at
            )
        head = newest_head(tx, note_id)
        if head is not None and unlike_newest(tx, opened, (head,)):
            # The log tells of a later version, whose number this one would take.
            return _problem(tx, Problem(field="text", code="note_differs"), opened, actor, at=at)
        return _store_version(
            tx, draft, opened, actor, note_id=note_id, version=newest + 1, token=token, at=at
        )


def _refusal(
    tx: Transaction,
    draft: NoteDraft,
    opened: OpenCase,
    actor: Actor,
    *,
    token: str,
    act: str,
    at: datetime,
) -> NoteWritten | NoteNotWritten | None:
    """Why the draft cannot be stored, or the answer given the first time; None to go on."""
    if done := already_done(tx, token, actor.staff_id, act):
        note_id, version = done.split(" ")
        tx.record(
            happened(
                "note.write_repeated",
                "deny",
                actor,
                at=at,
                case=opened.case.id,
                about={"note": note_id},
            ),
            sealer=opened.sealer,
        )
        return NoteWritten(note_id, opened.case.id, int(version))
    if act == "write_note" and not still_open(tx, opened.case.id):
        problem = Problem(field="text", code="case_closed")
        return _problem(tx, problem, opened, actor, at=at)
    in_case = {sealed.id for sealed, _ in persons_of(tx, opened.case.id)}
    if not in_case.issuperset(draft.described):
        problem = Problem(field="described", code="described_unknown")
        return _problem(tx, problem, opened, actor, at=at)
    return None


def _problem(
    tx: Transaction, problem: Problem, opened: OpenCase, actor: Actor, *, at: datetime
) -> NoteNotWritten:
    tx.record(
        happened(
            "note.write_refused",
            "deny",
            actor,
            at=at,
            case=opened.case.id,
            detail={"reason": problem.code},
        ),
        sealer=opened.sealer,
    )
    return NoteNotWritten((problem,))


def _store_version(
    tx: Transaction,
    draft: NoteDraft,
    opened: OpenCase,
    actor: Actor,
    *,
    note_id: str,
    version: int,
    token: str,
    at: datetime,
) -> NoteWritten:
    sealed = seal_note(
        opened.key, draft, note_id=note_id, version=version, owner=actor.organisation_id
    )
    event = happened(
        "note.written" if version == 1 else "note.corrected",
        "allow",
        actor,
        at=at,
        case=opened.case.id,
        about={"note": note_id, "version": version},
        detail={"category": draft.category, "described": list(draft.described)},
        ct=sealed.ct_hash,
        wr=sealed.wraps_hash,
    )
    insert_new_version(
        tx,
        sealed,
        opened,
        note_id=note_id,
        version=version,
        author_id=actor.staff_id,
        at=at,
        entry_id=event.id,
    )
    act = "write_note" if version == 1 else "correct_note"
    remember_done(tx, token, actor.staff_id, act, f"{note_id} {version}", at=at)
    tx.record(event, sealer=opened.sealer)
    return NoteWritten(note_id, opened.case.id, version)


def insert_new_version(
    tx: Transaction,
    sealed: SealedNote,
    opened: OpenCase,
    *,
    note_id: str,
    version: int,
    author_id: str,
    at: datetime,
    entry_id: str,
) -> None:
    """Store a sealed version, and the note itself when it is the first."""
    case = opened.case
    if version == 1:
        insert_note(
            tx,
            note_id=note_id,
            case_id=case.id,
            organisation_id=case.organisation_id,
            at=at,
            entry_id=entry_id,
        )
    insert_version(
        tx,
        StoredNote(
            note_id=note_id,
            case_id=case.id,
            version=version,
            organisation_id=case.organisation_id,
            author_id=author_id,
            written_at=at,
            suite=sealed.suite,
            wrapped_key=sealed.wrapped_key,
            commitment=sealed.commitment,
            head=sealed.head,
            body=sealed.body,
            ct_hash=sealed.ct_hash,
            wraps_hash=sealed.wraps_hash,
        ),
        entry_id=entry_id,
    )
