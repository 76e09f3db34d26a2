"""*Skyddade personuppgifter*: one asks to take the mark away, and another in the team does it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from app.domain.protection import LoweringOutcome, parse_lowering
from app.flows.answered_already import AnsweredAlready
from app.flows.lower_protection import (
    LoweringAsked,
    NothingToLower,
    OwnQuestion,
    ask_lowering,
    see_protection,
    settle_lowering,
)
from app.flows.not_found import NotFound
from app.web import answered_already, errors, forms, notices, page
from app.web.case_page import named
from app.web.site import the_hands
from app.web.visitor import the_actor

pages = Blueprint("protection", __name__)

_OUTCOMES: dict[str, LoweringOutcome] = {
    "lowered": "lowered",
    "kept": "kept",
    "withdrawn": "withdrawn",
}
ASKED = lazy_gettext(
    "%(who)s har redan frågat om skyddet ska tas bort, %(time)s. Svara på den frågan i stället."
)
SETTLED = lazy_gettext(
    "%(who)s har redan avgjort frågan om skyddet, %(time)s. Det som avgjordes gäller."
)


@pages.route("/arenden/<uuid:case_id>/person/<uuid:subject_id>/skydd", methods=["GET", "POST"])
def lower(case_id: UUID, subject_id: UUID) -> Response:
    """Whether the mark is there; the question to take it away, and somebody else's answer."""
    typed, case, subject = forms.typed(), str(case_id), str(subject_id)
    if not typed.submitted:
        return _page(case, subject, typed)
    outcome = _OUTCOMES.get(typed.value("outcome"))
    if outcome is not None:
        return _settled(case, subject, typed, outcome)
    terms = parse_lowering(typed.texts())
    if isinstance(terms, list):
        return _page(case, subject, typed.corrected_by(terms), status=422)
    asked = ask_lowering(case, subject, terms, the_actor(), **the_hands())
    here = url_for("protection.lower", case_id=case_id, subject_id=subject_id)
    if isinstance(asked, AnsweredAlready):
        return answered_already.page_of(asked, here, ASKED)
    if isinstance(asked, LoweringAsked):
        return notices.after(here, "protection_asked")
    if isinstance(asked, NothingToLower):
        return _page(case, subject, typed, status=409)
    return errors.not_found()


def _settled(
    case_id: str, subject_id: str, typed: forms.Typed, outcome: LoweringOutcome
) -> Response:
    lowering_id = typed.value("lowering")
    settled = settle_lowering(case_id, subject_id, lowering_id, outcome, the_actor(), **the_hands())
    if isinstance(settled, NotFound):
        return errors.not_found()
    if isinstance(settled, OwnQuestion):
        return _page(case_id, subject_id, typed, status=409)
    if isinstance(settled, AnsweredAlready):
        here = url_for("protection.lower", case_id=case_id, subject_id=subject_id)
        return answered_already.page_of(settled, here, SETTLED)
    return notices.after(url_for("cases.show", case_id=case_id), f"protection_{settled.outcome}")


def _page(case_id: str, subject_id: str, typed: forms.Typed, *, status: int = 200) -> Response:
    found = see_protection(case_id, subject_id, the_actor(), **the_hands())
    if isinstance(found, NotFound):
        return errors.not_found()
    asked = found.lowering
    return page.render(
        "protection.html",
        status=status,
        typed=typed,
        case=found.case,
        subject=found.subject,
        asked=asked,
        waits=found.waits,
        own=asked is not None and asked.asked_by == the_actor().staff_id,
        asked_by=named(found.staff.get(asked.asked_by)) if asked else "",
        settled_by=named(found.staff.get(asked.settled_by or "")) if asked else "",
    )
