"""*Loggkontroll*: the trail of a case in words, for those who review and do not read the notes."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from app.domain.trail_search import TrailSearch, parse_trail_search
from app.flows.not_found import NotFound
from app.flows.review_trail import list_trails, review_trail
from app.flows.search_trail import search_trail
from app.web import errors, forms, page
from app.web.site import the_site
from app.web.trail_sentences import ACTS
from app.web.trail_words import found_lines, trail_lines
from app.web.visitor import the_actor
from policies.roles import can

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


@pages.route("/loggkontroll/logg", methods=["GET", "POST"])
def search() -> Response:
    """The organisation's own trail. Posted, so that no address holds what was searched for."""
    site, work, typed = the_site(), the_site().work, forms.typed()
    asked = parse_trail_search(typed.texts())
    if not isinstance(asked, TrailSearch):
        typed, asked = typed.corrected_by(asked), TrailSearch()
    found = search_trail(
        asked,
        the_actor(),
        at=site.clock(),
        store=work.store,
        rings=work.rings,
        law=work.law,
        log_keys=work.log_keys,
        witnesses=work.witnesses,
    )
    if isinstance(found, NotFound):
        return errors.not_found()
    return page.render(
        "trail_search.html",
        typed=typed,
        status=422 if typed.problems else 200,
        lines=[] if typed.problems else found_lines(found, work.law),
        narrowed=bool(asked.used()),
        later=asked.before is not None,
        more=found.more,
        staff=[(one.id, f"{one.name}, {one.title}") for one in found.choices],
        acts=[(code, str(text)) for code, text in ACTS.items()],
    )


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
        log_keys=work.log_keys,
        witnesses=work.witnesses,
    )
    if isinstance(found, NotFound):
        return errors.not_found()
    lines = trail_lines(found, work.law)
    return page.render(
        "trail.html",
        case=found.case,
        may_assign=any(can(work.law, role, "assign_case") for role in the_actor().roles),
        lines=lines,
        verified=sum(line.verified for line in lines),
        waiting=sum(not line.verified and not line.alarming for line in lines),
        alarming=sum(line.alarming for line in lines),
    )
