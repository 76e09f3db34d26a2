"""Who is asking: the live session behind the cookie, and the door that is shut without one."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, Request, current_app, g, redirect, request, url_for
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response

from app.domain.actor import Actor
from app.web import cookies, kept
from app.web.front_door import Visitor
from app.web.site import the_site

P = ParamSpec("P")
R = TypeVar("R")


def open_to_all(view: Callable[P, R]) -> Callable[P, R]:
    """Marks a view that those who have not signed in may reach."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def open_where_asked(view: Callable[P, R]) -> Callable[P, R]:
    """Marks a view of the law alone: for all staff, and for anyone if the installation says so."""
    view.open_where_asked = True  # type: ignore[attr-defined]
    return view


def without_organisation(view: Callable[P, R]) -> Callable[P, R]:
    """Marks a view for those who have signed in but not yet chosen an organisation."""
    view.without_organisation = True  # type: ignore[attr-defined]
    return view


def install(app: Flask) -> None:
    """Reads the session row once a request, and shuts every view that does not say otherwise."""
    login = LoginManager(app)
    # Ours is a random id looked up in the database for each request. Flask-Login's own cookie
    # session cannot be ended by the server: a copied one opens the page after sign-out.
    login.session_protection = None
    app.config["REMEMBER_COOKIE_NAME"] = "sluss-unused"

    def find(_request: Request) -> Visitor | None:
        token = cookies.read(cookies.SESSION)
        if token is None:
            return None
        site = the_site()
        return site.front_door.find(token, at=site.clock())

    login.request_loader(find)

    @app.before_request
    def only_those_signed_in() -> Response | None:
        if request.endpoint == "static":
            return None
        g.visitor = current_user._get_current_object() if current_user.is_authenticated else None
        if request.endpoint is None:
            return None  # no such page; the visitor is still known, so that the answer looks alike
        view = current_app.view_functions[request.endpoint]
        of_the_law = getattr(view, "open_where_asked", False)
        if getattr(view, "open_to_all", False) or (of_the_law and _asks_anyone()):
            return None
        if g.visitor is None and request.method == "POST":
            return kept.signed_out()
        if g.visitor is None:
            return redirect(url_for("sign_in.enter"), 303)
        chosen = g.visitor.actor is not None
        if not chosen and not (of_the_law or getattr(view, "without_organisation", False)):
            return redirect(url_for("sign_in.choose"), 303)
        return None


def _asks_anyone() -> bool:
    return the_site().settings.open_question


def the_visitor() -> Visitor:
    """The person the current request acts for."""
    visitor: Visitor = g.visitor
    return visitor


def the_actor() -> Actor:
    """Who acts, for which organisation, as what. The door has seen to it that they have chosen."""
    actor = the_visitor().actor
    if actor is None:
        raise AssertionError("a view without an organisation is marked `without_organisation`")
    return actor
