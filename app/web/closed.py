"""The pages while the rules cannot be read: every one of them says so, and nothing else is done.

The rules say who may do what as well as what may leave, so without them there is no work to do.
Law: OSL 8 kap. 1 §
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

from flask import Flask, request
from werkzeug.wrappers import Response

from app.domain.actor import Actor
from app.flows.review_emergency import Unreviewed
from app.web import errors, headers, language, operational_log, page
from app.web.site import Site, SiteSettings

_OPEN = frozenset({"static", "language.switch"})


class _Shut:
    """Stands where a door, a store or a law would: whoever reaches for it has gone wrong."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"{name} was asked for while the rules cannot be read")


def create_closed_app(settings: SiteSettings, *, clock: Callable[[], datetime]) -> Flask:
    """A WSGI application that answers 503 to everything but its own style sheets.

    It opens no database and no key, so it comes up whatever else is wrong.
    """

    def nobody(_actor: Actor, _at: datetime) -> int:
        return 0

    shut = _Shut()
    app = Flask("app.web")
    app.extensions["sluss"] = Site(
        settings=settings,
        clock=clock,
        front_door=shut,
        work=shut,  # type: ignore[arg-type]
        waiting=nobody,
        unanswered=nobody,
        asked=nobody,
        round_state=lambda _actor, _at: "",
        unreviewed=lambda _actor, _at: Unreviewed(),
        record_fault=lambda _fault: None,
    )
    app.config.update(SECRET_KEY=settings.form_secret, SLUSS_SECURE=settings.secure)
    operational_log.watch_requests(app)
    headers.guard(app, hosts=settings.hosts, secure=settings.secure)
    language.install(app)

    @app.before_request
    def closed() -> Response | None:
        return None if request.endpoint in _OPEN else errors.law_unreadable()

    page.install(app)
    app.register_blueprint(language.pages)
    return app
