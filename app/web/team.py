"""The case team: who can open the case, and letting a colleague in or taking one out."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from app.domain.problem import Problem
from app.flows.change_team import Change, TeamNotChanged, change_team, view_team
from app.flows.not_found import NotFound
from app.web import errors, forms, notices, page
from app.web.case_page import named
from app.web.site import the_hands
from app.web.visitor import the_actor

pages = Blueprint("team", __name__)


@pages.route("/arenden/<uuid:case_id>/arendegrupp", methods=["GET", "POST"])
def change(case_id: UUID) -> Response:
    """One page for both ways; which it is, the pressed button tells."""
    typed = forms.typed()
    if not typed.submitted:
        return _team_page(str(case_id), typed)
    leaving = typed.value("take_out")
    chosen = leaving or typed.value("colleague")
    if not forms.is_id(chosen):
        missing = Problem(field="colleague", code="colleague_missing")
        return _team_page(str(case_id), typed.corrected_by([missing]), status=422)
    return _changed(str(case_id), chosen, "take_out" if leaving else "let_in", typed)


def _changed(case_id: str, staff_id: str, how: Change, typed: forms.Typed) -> Response:
    outcome = change_team(case_id, staff_id, how, the_actor(), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, TeamNotChanged):
        wrong = Problem(field="colleague", code=outcome.reason)
        return _team_page(case_id, typed.corrected_by([wrong]), status=422)
    if how == "let_in":
        return notices.after(url_for("team.change", case_id=case_id), "team_let_in")
    own = staff_id == the_actor().staff_id
    place = url_for("cases.index") if own else url_for("team.change", case_id=case_id)
    return notices.after(place, "team_left" if own else "team_taken_out")


def _team_page(case_id: str, typed: forms.Typed, *, status: int = 200) -> Response:
    found = view_team(case_id, the_actor(), **the_hands())
    if isinstance(found, NotFound):
        return errors.not_found()
    return page.render(
        "team.html",
        status=status,
        typed=typed,
        case=found.case,
        in_team=found.in_team,
        team=[(one.staff.id, named(one.staff), one.since) for one in found.team],
        colleagues=[(one.id, named(one)) for one in found.colleagues],
    )
