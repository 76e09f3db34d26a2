"""Changing one's own password."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, request
from werkzeug.wrappers import Response

from app.web import cookies, csrf, forms, notices, page
from app.web.front_door import Entered, PasswordProblems, Throttled
from app.web.site import the_site
from app.web.visitor import the_visitor, without_organisation

pages = Blueprint("password", __name__)


@pages.route("/losenord", methods=["GET", "POST"])
@without_organisation
def change() -> Response:
    """The old one, and the new one twice. Nothing typed here is shown again."""
    site, typed = the_site(), forms.typed()
    if not typed.submitted:
        return _password_page(typed)
    outcome = site.front_door.change_password(
        the_visitor(),
        old=request.form.get("old_password", ""),
        new=request.form.get("new_password", ""),
        repeated=request.form.get("repeated_password", ""),
        at=site.clock(),
    )
    if isinstance(outcome, Throttled):
        return _password_page(typed, status=429, until=outcome.until)
    if isinstance(outcome, PasswordProblems):
        return _password_page(typed.corrected_by(outcome.problems), status=422)
    return _changed(outcome)


def _changed(entered: Entered) -> Response:
    csrf.bind_to(entered.session_token)
    response = notices.after("/", "password_changed")
    cookies.write(response, cookies.SESSION, entered.session_token)
    return response


def _password_page(
    typed: forms.Typed, *, status: int = 200, until: datetime | None = None
) -> Response:
    return page.render("change_password.html", status=status, typed=typed, until=until)
