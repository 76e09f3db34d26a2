"""The tour's beginning: a case is opened, a note written, corrected and read again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.demonstration.invented import YOUNG
from app.demonstration.karin_elliot import PLAIN
from app.domain.actor import Actor
from app.domain.legal_day import legal_day
from app.domain.note import NoteDraft
from app.flows.list_cases import list_cases
from app.flows.read_notes import NotesRead, read_notes, read_versions
from app.flows.start_case import CaseStarted, start_case
from app.flows.view_case import CasePage, view_case
from app.flows.write_note import NoteWritten, correct_note, write_note
from app.tour.stage import Stage

TEXT = (
    "Elliot berättar att han ibland får pengar för att hämta påsar vid resecentrum. Han vet inte "
    "vad som är i dem. Fältarbetarna såg honom där två kvällar i rad. Han vill inte att det blir "
    "värre."
)
_FIRST_TEXT = TEXT.replace("två kvällar", "tre kvällar")


@dataclass(frozen=True, kw_only=True)
class Written:
    """Karin's case with her corrected note."""

    case_id: str
    subject_id: str
    note_id: str
    version: int


def work_on_case(stage: Stage) -> Written:
    """Karin opens a case, writes a note, corrects it and reads it."""
    page = _open_case(stage)
    telling, subject_id = stage.telling, page.subject.id
    telling.step("Karin writes a note, corrects it and reads it again")
    karin = stage.as_("karin")
    draft = NoteDraft(
        title="Nya kontakter vid resecentrum",
        text=_FIRST_TEXT,
        category="K11",
        attributes=PLAIN,
        described=(subject_id,),
    )
    written = telling.got(
        write_note(page.case.id, draft, karin, token=stage.token(), **stage.hands), NoteWritten
    )
    corrected = telling.got(
        correct_note(
            written.note_id,
            written.version,
            replace(draft, text=TEXT),
            karin,
            token=stage.token(),
            **stage.hands,
        ),
        NoteWritten,
    )
    telling.did(f"“{draft.title}”, someone's circumstances in social services (K11)")
    _read_again(stage, karin, page.case.id, written.note_id)
    return Written(
        case_id=page.case.id,
        subject_id=subject_id,
        note_id=written.note_id,
        version=corrected.version,
    )


def _open_case(stage: Stage) -> CasePage:
    telling = stage.telling
    telling.step("Karin, social worker in Sunne, signs in and opens a case")
    karin = stage.as_("karin")
    telling.did(f"{karin.name}, {karin.title}, {karin.organisation.name}")
    identity = YOUNG["elliot"].identity(legal_day(stage.at))
    reference = f"SN {legal_day(stage.at).year}/0412"
    started = telling.got(
        start_case(identity, reference, karin, token=stage.token(), **stage.hands), CaseStarted
    )
    telling.did(f"Case {reference} on {identity.name}, 17, who like everybody here is invented")
    own = list_cases(karin, at=stage.at, store=stage.house.store, rings=stage.house.rings)
    telling.check([one.case.id for one in own] == [started.case_id], "it is her only case")
    return telling.got(view_case(started.case_id, karin, **stage.hands), CasePage)


def _read_again(stage: Stage, karin: Actor, case_id: str, note_id: str) -> None:
    telling = stage.telling
    newest = telling.got(read_notes(case_id, [note_id], karin, **stage.hands), NotesRead)
    every = telling.got(read_versions(note_id, karin, **stage.hands), NotesRead)
    telling.check([one.text for one in newest.texts] == [TEXT], "what she reads is version 2")
    telling.check(
        [one.text for one in every.texts] == [TEXT, _FIRST_TEXT], "version 1 stays as it was"
    )
