"""*Nödöppning*: asking for it, standing behind somebody else's, and reviewing what was opened."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from app.domain.case import one_way
from app.domain.emergency import parse_reason
from app.domain.judgement import parse_judgement
from app.domain.problem import Problem
from app.flows.answered_already import AnsweredAlready
from app.flows.not_found import NotFound
from app.flows.open_in_emergency import (
    NotOpened,
    confirm_opening,
    list_openings,
    open_in_emergency,
)
from app.flows.review_emergency import review_opening, see_openings
from app.web import answered_already, errors, forms, notices, page
from app.web.case_page import named
from app.web.site import the_hands, the_site
from app.web.visitor import the_actor

pages = Blueprint("emergency", __name__)


@pages.route("/nodoppning", methods=["GET", "POST"])
def ask() -> Response:
    """Open a case of one's own organisation without being in its team."""
    typed = forms.typed()
    if not typed.submitted:
        return _ask_page(typed)
    reference = one_way(typed.value("reference"))
    reason = parse_reason(typed.value("reason"))
    problems = [] if reference else [Problem(field="reference", code="reference_missing")]
    if isinstance(reason, Problem):
        problems.append(reason)
    if not typed.chosen("understood", "yes"):
        problems.append(Problem(field="understood", code="terms_not_read"))
    if problems or isinstance(reason, Problem):
        return _ask_page(typed.corrected_by(problems), status=422)
    outcome = open_in_emergency(reference, reason, the_actor(), token=typed.token, **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, NotOpened):
        return _ask_page(typed.corrected_by(outcome.problems), status=422)
    if outcome.waits:
        return notices.after(url_for("emergency.ask"), "emergency_waits")
    return notices.after(url_for("cases.show", case_id=outcome.case_id), "emergency_opened")


@pages.post("/nodoppning/<uuid:opening_id>/bekrafta")
def confirm(opening_id: UUID) -> Response:
    """Be the second person."""
    outcome = confirm_opening(str(opening_id), the_actor(), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, AnsweredAlready):
        here = url_for("emergency.ask")
        return answered_already.page_of(outcome, here, answered_already.CONFIRMATION)
    return notices.after(url_for("emergency.ask"), "emergency_confirmed")


@pages.route("/loggkontroll/nodoppningar", methods=["GET", "POST"])
def openings() -> Response:
    """What has been opened in emergencies, for the supervisor, and the verdict on one."""
    typed = forms.typed()
    asked = typed.value("opening")
    if not typed.submitted:
        return _openings_page(typed, asked or request.args.get("valj", ""))
    judged = parse_judgement(typed.texts())
    if isinstance(judged, list) or not forms.is_id(asked):
        problems = judged if isinstance(judged, list) else []
        return _openings_page(typed.corrected_by(problems), asked, status=422)
    outcome = review_opening(asked, judged.verdict, judged.remark, the_actor(), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    here = url_for("emergency.openings")
    if isinstance(outcome, AnsweredAlready):
        return answered_already.page_of(outcome, here, answered_already.OPENING)
    return notices.after(here, "emergency_reviewed")


def _ask_page(typed: forms.Typed, *, status: int = 200) -> Response:
    site = the_site()
    found = list_openings(the_actor(), **the_hands())
    if isinstance(found, NotFound):
        return errors.not_found()
    return page.render(
        "emergency.html",
        status=status,
        typed=typed,
        own=found.own,
        waiting=[
            (line, named(found.staff.get(line.opening.terms.staff_id))) for line in found.waiting
        ],
        now=site.clock(),
    )


def _openings_page(typed: forms.Typed, asked: str, *, status: int = 200) -> Response:
    site, work, actor = the_site(), the_site().work, the_actor()
    at = site.clock()
    found = see_openings(
        actor, opening_id=asked, at=at, store=work.store, rings=work.rings, law=work.law
    )
    if isinstance(found, NotFound):
        return errors.not_found()
    lines = [
        {
            "id": seen.opening.terms.id,
            "opening": seen.opening,
            "case": seen.case,
            "who": named(found.staff.get(seen.opening.terms.staff_id)),
            "second": named(found.staff.get(seen.opening.confirmed_by or "")),
            "reviewer": named(found.staff.get(seen.opening.reviewed_by or "")),
            "remark": seen.remark,
            "looks": seen.looks,
            "overdue": seen.opening.overdue(at),
            "mine": actor.staff_id in (seen.opening.terms.staff_id, seen.opening.confirmed_by),
            "typed": typed if seen.opening.terms.id == asked else forms.untouched(),
        }
        for seen in found.lines
    ]
    # One form on the page: with several, none could be told from the next by its fields' names.
    to_do = [line["id"] for line in lines if not line["mine"] and not line["reviewer"]]
    open_form = asked if asked in to_do else next(iter(to_do), "")
    return page.render(
        "emergencies.html",
        status=status,
        lines=lines,
        typed=typed,
        open_form=open_form,
        later=found.later,
        more=found.more,
    )
