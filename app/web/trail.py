"""*Loggkontroll*: the trail of a case in words, for those who review and do not read the notes."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from app.domain.case import MAX_REFERENCE_CHARACTERS
from app.domain.page_block import PAGE
from app.domain.trail_search import (
    TrailSearch,
    looks_left_out,
    ops_of,
    parse_trail_search,
    results_of,
)
from app.flows.not_found import NotFound
from app.flows.review_trail import list_trails, review_trail
from app.flows.search_trail import search_trail
from app.flows.trail_rows import TrailRow
from app.web import errors, forms, page
from app.web.site import the_hands, the_site
from app.web.trail_sentences import ACTS
from app.web.trail_words import alarming, found_lines, trail_lines, unlike_told
from app.web.visitor import the_actor
from audit.check import Checked
from policies.roles import can

pages = Blueprint("trail", __name__)


@pages.route("/loggkontroll", methods=["GET", "POST"])
def index() -> Response:
    """The organisation's cases, by number only, fifty at a time. A number is looked for by post."""
    work, before, typed = the_site().work, request.args.get("fore", ""), forms.typed()
    found = list_trails(
        the_actor(),
        before=before if forms.is_id(before) else None,
        reference=typed.value("reference")[:MAX_REFERENCE_CHARACTERS],
        **the_hands(),
    )
    if isinstance(found, NotFound):
        return errors.not_found()
    return page.render(
        "trails.html",
        cases=found.cases,
        typed=typed,
        searched=bool(typed.value("reference").strip()),
        later=bool(before),
        more=found.more,
        may_extract=any(can(work.law, role, "release_export") for role in the_actor().roles),
    )


@pages.route("/loggkontroll/logg", methods=["GET", "POST"])
def search() -> Response:
    """The organisation's own trail. Posted, so that no address holds what was searched for."""
    work, typed = the_site().work, forms.typed()
    asked = parse_trail_search(typed.texts())
    if not isinstance(asked, TrailSearch):
        typed, asked = typed.corrected_by(asked), TrailSearch()
    found = search_trail(
        asked,
        the_actor(),
        **the_hands(),
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
        unlike=unlike_told(found.unlike, work.law),
        held_since=found.held_since,
        narrowed=bool(asked.used()),
        later=asked.before is not None,
        more=found.more,
        staff=[(one.id, f"{one.name}, {one.title}") for one in found.choices],
        acts=[(code, str(text)) for code, text in ACTS.items()],
    )


@pages.get("/loggkontroll/<uuid:case_id>")
def show(case_id: UUID) -> Response:
    """One case's entries, all checked and a page of them shown. The look is an entry too."""
    work = the_site().work
    found = review_trail(
        str(case_id),
        the_actor(),
        **the_hands(),
        log_keys=work.log_keys,
        witnesses=work.witnesses,
    )
    if isinstance(found, NotFound):
        return errors.not_found()
    act = request.args.get("slag", "")
    act = act if act in ACTS else ""
    rows = [row for row in found.rows if _passes(row, act)]
    before = request.args.get("fore", type=int)
    rest = [row for row in rows if before is None or row.entry.n < before]
    verified = sum(isinstance(row.check, Checked) for row in found.rows)
    wrong = sum(alarming(row) for row in found.rows)
    return page.render(
        "trail.html",
        case=found.case,
        may_assign=any(can(work.law, role, "assign_case") for role in the_actor().roles),
        lines=trail_lines(found, work.law, rest[:PAGE]),
        count=len(found.rows),
        verified=verified,
        waiting=len(found.rows) - verified - wrong,
        alarming=wrong,
        missing=found.missing,
        act=act,
        acts=[(code, str(text)) for code, text in ACTS.items() if code != "signed_in"],
        passing=len(rows),
        later=before is not None,
        more=rest[PAGE - 1].entry.n if len(rest) > PAGE else None,
    )


def _passes(row: TrailRow, act: str) -> bool:
    ops, results = ops_of(act), results_of(act)
    if row.entry.op in looks_left_out(act) and row.entry.res == "allow":
        return False
    return (ops is None or row.entry.op in ops) and (results is None or row.entry.res in results)
