"""*Loggkontroll*: the trail of a case in words, for those who review and do not read the notes."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from app.flows.not_found import NotFound
from app.flows.review_trail import list_trails, review_trail
from app.web import errors, page
from app.web.site import the_site
from app.web.trail_words import trail_lines
from app.web.visitor import the_actor

pages = Blueprint("trail", __name__)


@pages.get("/loggkontroll")
def index() -> Response:
    """The organisation's cases, by number only."""
    site, work = the_site(), the_site().work
    found = list_trails(
        the_actor(), at=site.clock(), store=work.store, rings=work.rings, law=work.law
    )
    if isinstance(found, NotFound):
        return errors.not_found()
    return page.render("trails.html", cases=found)


@pages.get("/loggkontroll/<uuid:case_id>")
def show(case_id: UUID) -> Response:
    """Every entry on one case. The look is an entry too."""
    site, work = the_site(), the_site().work
    found = review_trail(
        str(case_id),
        the_actor(),
        at=site.clock(),
        store=work.store,
        rings=work.rings,
        law=work.law,
        log_key=work.log_key,
    )
    if isinstance(found, NotFound):
        return errors.not_found()
    lines = trail_lines(found, work.law)
    return page.render(
        "trail.html",
        case=found.case,
        lines=lines,
        verified=sum(line.verified for line in lines),
        waiting=sum(not line.verified and not line.alarming for line in lines),
        alarming=sum(line.alarming for line in lines),
    )
