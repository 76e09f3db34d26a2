"""Signing in and out, and choosing which organisation to act for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.problem import Problem
from app.web import cookies, csrf, forms, kept, notices, page
from app.web.front_door import Entered, NotYourOrganisation, OrganisationChoice, Throttled
from app.web.site import the_site
from app.web.visitor import open_to_all, the_visitor, without_organisation

pages = Blueprint("sign_in", __name__)

DEVICE_SECONDS = 180 * 24 * 3600
"""As long as the sign-in flow remembers a browser."""


@pages.route("/logga-in", methods=["GET", "POST"])
@open_to_all
def enter() -> Response:
    """The sign-in form. A wrong name and a wrong password get the same answer."""
    typed = forms.typed()
    if not typed.submitted:
        return _sign_in_page(typed) if g.visitor is None else redirect("/", 303)
    name, password = typed.value("user_name").strip(), request.form.get("password", "")
    missing = [
        Problem(field=field, code=f"{field}_missing")
        for field, value in (("user_name", name), ("password", password))
        if not value
    ]
    if missing:
        return _sign_in_page(typed.corrected_by(missing), status=422)
    site = the_site()
    outcome = site.front_door.sign_in(
        name, password, device_token=cookies.read(cookies.DEVICE), at=site.clock()
    )
    if isinstance(outcome, Entered):
        return _inside(outcome)
    if isinstance(outcome, Throttled):
        return _sign_in_page(typed, status=429, until=outcome.until)
    return _sign_in_page(typed, status=422, wrong=True)


@pages.route("/valj-organisation", methods=["GET", "POST"])
@without_organisation
def choose() -> Response:
    """One sign-in acts for one organisation at a time."""
    site, visitor, typed = the_site(), the_visitor(), forms.typed()
    choices = site.front_door.organisations(visitor, at=site.clock())
    if not typed.submitted:
        return _choose_page(typed, choices)
    chosen = typed.value("organisation")
    if not chosen:
        missing = Problem(field="organisation", code="organisation_missing")
        return _choose_page(typed.corrected_by([missing]), choices, status=422)
    outcome = site.front_door.choose(visitor, chosen, at=site.clock())
    if isinstance(outcome, NotYourOrganisation):
        wrong = Problem(field="organisation", code="choose_one")
        return _choose_page(typed.corrected_by([wrong]), choices, status=422)
    return _inside(outcome)


@pages.post("/logga-ut")
@without_organisation
def leave() -> Response:
    """Ends the session in the database, so that a copied cookie opens nothing."""
    site = the_site()
    site.front_door.sign_out(the_visitor(), at=site.clock())
    response = notices.after(url_for("sign_in.enter"), "signed_out")
    cookies.erase(response, cookies.SESSION)
    return response


def _inside(entered: Entered) -> Response:
    """The new session's first answer: the start page, or the form that a time-out cut off."""
    site = the_site()
    csrf.bind_to(entered.session_token)
    g.visitor = site.front_door.find(entered.session_token, at=site.clock())
    form = kept.carried()
    if form is None or g.visitor is None:
        response = redirect("/", 303)
    elif g.visitor.actor is None:
        choices = site.front_door.organisations(g.visitor, at=site.clock())
        response = _choose_page(forms.untouched(), choices)
    else:
        response = kept.carry_on(form)
    cookies.write(response, cookies.SESSION, entered.session_token)
    if entered.device_token is not None:
        cookies.write(response, cookies.DEVICE, entered.device_token, seconds=DEVICE_SECONDS)
    cookies.erase(response, cookies.VISIT)
    return response


def _sign_in_page(
    typed: forms.Typed, *, status: int = 200, wrong: bool = False, until: datetime | None = None
) -> Response:
    return page.render(
        "sign_in.html",
        status=status,
        typed=typed,
        wrong=wrong,
        until=until,
        kept=kept.carried(),
    )


def _choose_page(
    typed: forms.Typed, choices: Sequence[OrganisationChoice], *, status: int = 200
) -> Response:
    return page.render(
        "choose_organisation.html",
        status=status,
        typed=typed,
        options=[(choice.id, choice.name) for choice in choices if choice.as_logged],
        unlike=[choice.name for choice in choices if not choice.as_logged],
        kept=kept.carried(),
    )
