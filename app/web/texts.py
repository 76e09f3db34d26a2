"""The text of notes for the person they are about, chosen by the case team and printed."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from app.domain.problem import Problem
from app.flows.not_found import NotFound
from app.flows.read_notes import NotesRead, RelationInTheWay
from app.flows.release_texts import TextsNotReleased, offer_texts, release_texts
from app.web import errors, forms, page, relations
from app.web.law_words import category_label
from app.web.site import the_hands, the_site
from app.web.visitor import the_actor

pages = Blueprint("texts", __name__)


@pages.route("/arenden/<uuid:case_id>/text-till-utdrag", methods=["GET", "POST"])
def release(case_id: UUID) -> Response:
    """What can be given; or, once it is chosen, the paper with it. Shown once, like a reading."""
    typed = forms.typed()
    if not typed.submitted:
        return _page(str(case_id), typed)
    wanted = typed.every("note")
    if not all(forms.is_id(one) for one in wanted):
        return errors.not_found()
    if typed.value("identified") != "yes":
        problem = Problem(field="identified", code="not_identified")
        return _page(str(case_id), typed.corrected_by([problem]), status=422)
    outcome = release_texts(
        str(case_id),
        wanted,
        typed.value("reason"),
        the_actor(),
        despite=bool(typed.value(relations.DESPITE)),
        **the_hands(),
    )
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, RelationInTheWay):
        return relations.warning(outcome)
    if isinstance(outcome, TextsNotReleased):
        return _page(str(case_id), typed.corrected_by(outcome.problems), status=422)
    return _paper(outcome)


def _paper(read: NotesRead) -> Response:
    return page.render(
        "released_texts.html",
        case=read.case,
        name=read.subject.identity.name,
        organisation=the_actor().organisation,
        now=the_site().clock(),
        notes=[
            {
                "title": one.line.head.title,
                "category": category_label(one.line.head.category),
                "written_at": one.line.written_at,
                "text": one.text,
            }
            for one in read.texts
        ],
    )


def _page(case_id: str, typed: forms.Typed, *, status: int = 200) -> Response:
    found = offer_texts(case_id, the_actor(), **the_hands())
    if isinstance(found, NotFound):
        return errors.not_found()
    return page.render(
        "release_texts.html",
        status=status,
        typed=typed,
        case=found.case,
        name=found.subject.identity.name,
        by_hand=found.by_hand,
        offered=[
            (one.id, one.head.title, category_label(one.head.category)) for one in found.offered
        ],
    )
