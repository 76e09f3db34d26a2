"""Notes: written, opened, corrected, and seen in all their versions.

Opening is an act: it is asked for by a button, entered in the log, and shown in that answer alone,
so that going back or loading the page again never reads anything silently.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.note import NoteText
from app.domain.problem import Problem
from app.domain.subject import CasePerson
from app.flows.not_found import NotFound
from app.flows.read_notes import NotesRead, RelationInTheWay, read_note, read_notes, read_versions
from app.flows.view_note import NotePage, view_note
from app.flows.write_note import NoteNotWritten, correct_note, write_note
from app.web import cases, errors, forms, note_form, notices, page, relations
from app.web.case_page import named
from app.web.forms import is_id
from app.web.law_words import category_label
from app.web.person_words import relation_word
from app.web.site import the_hands
from app.web.visitor import the_actor

pages = Blueprint("notes", __name__)


@pages.route("/arenden/<uuid:case_id>/anteckning", methods=["GET", "POST"])
def write(case_id: UUID) -> Response:
    """A new note in a case."""
    typed = forms.typed()
    if not typed.submitted:
        return _write_page(case_id, typed)
    actor = the_actor()
    draft = note_form.parse(typed, actor.organisation.kind)
    if isinstance(draft, list):
        return _write_page(case_id, typed.corrected_by(draft), status=422)
    outcome = write_note(str(case_id), draft, actor, token=typed.token, **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, NoteNotWritten):
        return _write_page(case_id, typed.corrected_by(outcome.problems), status=422)
    return notices.after(url_for("cases.show", case_id=case_id), "note_written")


@pages.get("/arenden/<uuid:case_id>/las")
def ask_to_read(case_id: UUID) -> Response:
    """Loaded again, or after a change of language: back to the titles, and nothing is read."""
    return redirect(url_for("cases.show", case_id=case_id), 303)


@pages.post("/arenden/<uuid:case_id>/las")
def read(case_id: UUID) -> Response:
    """One or several notes opened together, as one entry that names them all."""
    typed = forms.typed()
    only = typed.value("only")
    wanted = (only,) if only else typed.every("note")
    if not wanted:
        found = cases.seen(str(case_id))
        if isinstance(found, NotFound):
            return errors.not_found()
        none_marked = Problem(field="note", code="note_missing")
        return cases.case_as_page(found, typed.corrected_by([none_marked]), status=422)
    if not all(is_id(one) for one in wanted):
        return errors.not_found()
    outcome = read_notes(
        str(case_id),
        wanted,
        the_actor(),
        **the_hands(),
        despite=bool(typed.value(relations.DESPITE)),
    )
    if isinstance(outcome, RelationInTheWay):
        return relations.warning(outcome)
    return errors.not_found() if isinstance(outcome, NotFound) else _opened("notes.html", outcome)


@pages.route("/anteckningar/<uuid:note_id>/versioner", methods=["GET", "POST"])
def versions(note_id: UUID) -> Response:
    """Every version of a note. Asked for first, because opening them is a reading."""
    if request.method == "GET" or not forms.typed().submitted:
        found = _titled(note_id)
        if isinstance(found, NotFound):
            return errors.not_found()
        return page.render("ask_to_open.html", note=found, act="versions", typed=forms.untouched())
    outcome = read_versions(
        str(note_id),
        the_actor(),
        **the_hands(),
        despite=bool(forms.typed().value(relations.DESPITE)),
    )
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, RelationInTheWay):
        return relations.warning(outcome)
    return _opened("versions.html", outcome)


@pages.route("/anteckningar/<uuid:note_id>/ratta", methods=["GET", "POST"])
def correct(note_id: UUID) -> Response:
    """A correction: the newest version is opened, and a new one is written from it."""
    typed = forms.typed()
    if typed.submitted and (typed.value("open") or typed.value("open_newest")):
        return _open_to_correct(note_id, typed)
    if not typed.submitted and not typed.value("seen_version"):
        found = _titled(note_id)
        if isinstance(found, NotFound):
            return errors.not_found()
        return page.render("ask_to_open.html", note=found, act="correct", typed=typed)
    if not typed.submitted:  # kept through a time-out: shown again as it was
        return _correct_page(_titled(note_id), typed)
    actor = the_actor()
    draft = note_form.parse(typed, actor.organisation.kind)
    if isinstance(draft, list):
        return _correct_page(_titled(note_id), typed.corrected_by(draft), status=422)
    outcome = correct_note(
        str(note_id), _version(typed), draft, actor, token=typed.token, **the_hands()
    )
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, NoteNotWritten):
        meanwhile = any(one.code == "corrected_meanwhile" for one in outcome.problems)
        return _correct_page(
            _titled(note_id),
            typed.corrected_by(outcome.problems),
            status=409 if meanwhile else 422,
            meanwhile=meanwhile,
        )
    return notices.after(url_for("cases.show", case_id=outcome.case_id), "note_corrected")


def _open_to_correct(note_id: UUID, typed: forms.Typed) -> Response:
    """The newest version, opened into the form; beside it when there is a text to keep."""
    outcome = read_note(
        str(note_id),
        the_actor(),
        **the_hands(),
        despite=bool(typed.value(relations.DESPITE)),
    )
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, RelationInTheWay):
        return relations.warning(outcome)
    newest = outcome.texts[0]
    found = NotePage(case=outcome.case, line=newest.line, persons=tuple(outcome.persons.values()))
    if typed.value("open"):
        fresh = forms.untouched().starting_with(note_form.as_typed(newest))
        return _correct_page(found, fresh)
    kept = typed.fields.copy()
    kept["seen_version"] = str(newest.line.version)
    again = forms.Typed(fields=kept, submitted=False, once=typed.once)
    return _correct_page(found, again, beside=newest)


def _titled(note_id: UUID) -> NotePage | NotFound:
    return view_note(str(note_id), the_actor(), **the_hands())


def _version(typed: forms.Typed) -> int:
    """The version the corrector saw; 0, which no note has, when the field was tampered with."""
    text = typed.value("seen_version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _write_page(case_id: UUID, typed: forms.Typed, *, status: int = 200) -> Response:
    found = cases.seen(str(case_id))
    if isinstance(found, NotFound):
        return errors.not_found()
    return page.render(
        "write_note.html",
        status=status,
        typed=typed,
        case=found.case,
        form=note_form.note_form(the_actor().organisation.kind, found.persons),
        protected=_protected(found.persons),
    )


def _correct_page(
    found: NotePage | NotFound,
    typed: forms.Typed,
    *,
    status: int = 200,
    meanwhile: bool = False,
    beside: NoteText | None = None,
) -> Response:
    if isinstance(found, NotFound):
        return errors.not_found()
    return page.render(
        "correct_note.html",
        status=status,
        typed=typed,
        case=found.case,
        line=found.line,
        form=note_form.note_form(the_actor().organisation.kind, found.persons),
        protected=_protected(found.persons),
        meanwhile=meanwhile,
        beside=beside,
    )


def _protected(persons: tuple[CasePerson, ...]) -> bool:
    return any(one.subject.identity.protected == "yes" for one in persons)


def _opened(template: str, read: NotesRead) -> Response:
    notes = [
        {
            "id": one.line.id,
            "title": one.line.head.title,
            "category": category_label(one.line.head.category),
            "version": one.line.version,
            "written_at": one.line.written_at,
            "author": named(read.staff.get(one.line.author_id)),
            "described": [
                f"{person.subject.identity.name} ({relation_word(person.relation)})"
                for subject_id in one.line.head.described
                if (person := read.persons.get(subject_id))
            ],
            "text": one.text,
        }
        for one in read.texts
    ]
    unlike = [one.line.head.title for one in read.unlike_log]
    return page.render(
        template, case=read.case, notes=notes, unlike=unlike, typed=forms.untouched()
    )
