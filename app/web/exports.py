"""*Exporter*: ordered by one person, released by another, written a step at a time, fetched.

Law: dataskyddsförordningen artikel 5.2
"""

from __future__ import annotations

import time
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.domain.export_terms import parse_export
from app.domain.legal_day import legal_day
from app.domain.problem import Problem
from app.domain.reasons import says_something, too_short
from app.flows.export_orders import (
    ExportList,
    ExportPage,
    NotDecided,
    NotOrdered,
    decide_export,
    list_exports,
    order_export,
    view_export,
)
from app.flows.fetch_export import NotReady, fetch_export
from app.flows.not_found import NotFound
from app.flows.rows_held import RowsDiffer
from app.flows.work_export import ExportReady, Gathering, WaitingForSeal, Worker, work_export
from app.reports.pdf import ReportFault
from app.web import errors, forms, notices, page
from app.web.export_words import export_line
from app.web.site import the_hands, the_site
from app.web.told_sentences import told_sentence
from app.web.visitor import the_actor
from audit.errors import ExportError

pages = Blueprint("exports", __name__)

_A_WHILE_SECONDS = 5.0
"""How long one press of the button goes on. What remains takes another, or `sluss export`."""
_BETWEEN_SECONDS = 0.25
"""How long is waited before it is looked anew for a signature of the log."""


@pages.get("/exporter")
def index() -> Response:
    """What is waiting, what is being written and what can be fetched."""
    found = _listed()
    if isinstance(found, NotFound):
        return errors.not_found()
    return page.render(
        "exports.html",
        lines=[export_line(one, found.cases, found.staff) for one in found.jobs],
        may_order=found.may_order,
    )


@pages.route("/exporter/bestall", methods=["GET", "POST"])
def order() -> Response:
    """What is to be exported, for whom and why."""
    typed = forms.typed()
    found = _listed()
    if isinstance(found, NotFound) or not found.may_order:
        return errors.not_found()
    if not typed.submitted:
        return _order_page(found, typed)
    site, work = the_site(), the_site().work
    at = site.clock()
    terms = parse_export(typed.texts(), cases={one.id for one in found.cases}, on=legal_day(at))
    if isinstance(terms, list):
        return _order_page(found, typed.corrected_by(terms), status=422)
    outcome = order_export(
        terms,
        the_actor(),
        token=typed.token,
        at=at,
        store=work.store,
        rings=work.rings,
        law=work.law,
    )
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, NotOrdered):
        return _order_page(found, typed.corrected_by(outcome.problems), status=422)
    told = "export_ordered_by_name" if outcome.only_named else "export_ordered"
    return notices.after(url_for("exports.index"), told)


@pages.get("/exporter/<uuid:export_id>")
def show(export_id: UUID) -> Response:
    """One export: what was ordered, and what can be done with it now."""
    return _page(str(export_id), forms.untouched())


@pages.post("/exporter/<uuid:export_id>/beslut")
def decide(export_id: UUID) -> Response:
    """Release it or refuse it. A refusal has a reason."""
    typed = forms.typed()
    decision, reason = typed.value("decision"), " ".join(typed.value("reason").split())
    problems = []
    if decision not in ("released", "refused"):
        problems.append(Problem(field="decision", code="choose_one"))
    if decision == "refused" and not reason:
        problems.append(Problem(field="reason", code="reasons_missing"))
    elif decision == "refused" and not says_something(reason):
        problems.append(too_short("reason"))
    if len(reason) > 1_000:
        problems.append(Problem(field="reason", code="too_long", values={"most": 1_000}))
    if problems:
        return _page(str(export_id), typed.corrected_by(problems), status=422)
    outcome = decide_export(
        str(export_id),
        "released" if decision == "released" else "refused",
        the_actor(),
        reason=reason,
        **the_hands(),
    )
    if isinstance(outcome, NotFound):
        return errors.not_found()
    here = url_for("exports.show", export_id=export_id)
    if isinstance(outcome, NotDecided):
        return notices.after(here, f"export_{outcome.reason}")
    return notices.after(here, f"export_{outcome.state}")


@pages.post("/exporter/<uuid:export_id>/skriv")
def write(export_id: UUID) -> Response:
    """Go on writing for some seconds. Several presses, or `sluss export`, for a long one."""
    site, work, actor = the_site(), the_site().work, the_actor()
    found = _seen(str(export_id))
    if isinstance(found, NotFound):
        return errors.not_found()
    worker = Worker(
        actor={
            "staff": actor.staff_id,
            "roles": " ".join(sorted(actor.roles)),
            "session": actor.session_id,
        },
        store=work.store,
        rings=work.rings,
        law=work.law,
        tell=told_sentence,
        log_keys=work.log_keys,
        witnesses=work.witnesses,
        state=work.state,
    )
    here = url_for("exports.show", export_id=export_id)
    waits, until = False, time.monotonic() + _A_WHILE_SECONDS
    while time.monotonic() < until:
        try:
            step = work_export(actor.organisation_id, str(export_id), worker, at=site.clock())
        except RowsDiffer:
            return notices.after(here, "export_rows_differ")
        except (ReportFault, ExportError):
            # The reason is the technician's to see: `sluss export` prints it.
            return notices.after(here, "export_fault")
        if isinstance(step, ExportReady):
            return notices.after(here, "export_ready")
        waits = isinstance(step, WaitingForSeal)
        if waits:
            # The signer mostly comes within some seconds: the same press then finishes it.
            time.sleep(_BETWEEN_SECONDS)
        elif not isinstance(step, Gathering):
            break
    return notices.after(here, "export_waits") if waits else redirect(here, 303)


@pages.post("/exporter/<uuid:export_id>/hamta")
def fetch(export_id: UUID) -> Response:
    """The file. Its fetching is in the log before the first byte leaves."""
    got = fetch_export(str(export_id), the_actor(), **the_hands())
    if isinstance(got, NotReady):
        return notices.after(url_for("exports.show", export_id=export_id), "export_not_ready")
    if isinstance(got, NotFound):
        return errors.not_found()
    kind = "application/octet-stream" if got.job.terms.age_key else "application/zip"
    answer = Response(got.data, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{got.job.file_name}"'
    return answer


def _listed() -> ExportList | NotFound:
    return list_exports(the_actor(), **the_hands())


def _seen(export_id: str) -> ExportPage | NotFound:
    return view_export(export_id, the_actor(), **the_hands())


def _page(export_id: str, typed: forms.Typed, *, status: int = 200) -> Response:
    found = _seen(export_id)
    if isinstance(found, NotFound):
        return errors.not_found()
    cases = (found.case,) if found.case else ()
    return page.render(
        "export.html",
        status=status,
        typed=typed,
        line=export_line(found.job, cases, found.staff),
        done=found.done,
        total=found.total,
        may_decide=found.may_release and not found.own,
        own=found.own,
        decisions=[
            ("released", str(gettext("Släpp exporten"))),
            ("refused", str(gettext("Neka exporten"))),
        ],
    )


def _order_page(found: ExportList, typed: forms.Typed, *, status: int = 200) -> Response:
    yes_no = [("yes", str(gettext("Ja"))), ("no", str(gettext("Nej")))]
    return page.render(
        "order_export.html",
        status=status,
        typed=typed,
        kinds=[
            ("organisation", str(gettext("Hela organisationens logg"))),
            ("case", str(gettext("Ett ärende"))),
            ("subject", str(gettext("Alla ärenden om en person"))),
        ],
        cases=[(one.id, one.reference) for one in found.cases],
        yes_no=yes_no,
        languages=[("sv", str(gettext("Svenska"))), ("en", str(gettext("Engelska")))],
        path=request.path,
    )
