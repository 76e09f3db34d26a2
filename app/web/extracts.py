"""*Registerutdrag*: found, assessed and released to the person, as a PDF.

Law: dataskyddsförordningen artikel 15.1
"""

from __future__ import annotations

from flask import Blueprint, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.domain.extract_order import MAX_SOUGHT, parse_extract_order
from app.domain.legal_day import legal_day
from app.domain.problem import Problem
from app.flows.not_found import NotFound
from app.flows.release_extract import (
    ExtractHeldBack,
    PersonFound,
    find_persons,
    release_extract,
)
from app.reports.extract import extract_page
from app.reports.pdf import ReportFault, make_pdf
from app.web import errors, forms, notices, page
from app.web.person_words import age_words
from app.web.site import the_hands, the_site
from app.web.visitor import the_actor

pages = Blueprint("extracts", __name__)


@pages.route("/loggkontroll/utdrag", methods=["GET", "POST"])
def sought() -> Response:
    """Whose extract it is to be. Posted, so that no address holds a name."""
    typed = forms.typed()
    wrong = _wrong_name(typed.value("person")) if typed.submitted else None
    if wrong is not None:
        return _page(typed.corrected_by([wrong]), status=422)
    return _page(typed)


def _wrong_name(person: str) -> Problem | None:
    if not person.strip():
        return Problem(field="person", code="sought_missing")
    if len(person) > MAX_SOUGHT:
        return Problem(field="person", code="sought_long", values={"most": MAX_SOUGHT})
    return None


@pages.post("/loggkontroll/utdrag/slapp")
def release() -> Response:
    """The extract, as a PDF without a name in its file's name."""
    site, typed = the_site(), forms.typed()
    subject_ids = typed.every("subject")
    order = parse_extract_order(typed.texts(), subject_ids)
    if isinstance(order, list):
        return _page(typed.corrected_by(order), status=422)
    if not all(forms.is_id(one) for one in subject_ids):
        return errors.not_found()
    outcome = release_extract(order, the_actor(), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, ExtractHeldBack):
        return page.render("extract_held_back.html", status=409, cases=outcome.cases)
    try:
        pdf = make_pdf(extract_page(outcome.report, order.language))
    except ReportFault:
        return notices.after(url_for("extracts.sought"), "extract_fault")
    answer = Response(pdf, mimetype="application/pdf")
    name = f"sluss-registerutdrag-{legal_day(site.clock()).isoformat()}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _page(typed: forms.Typed, *, status: int = 200) -> Response:
    site, work = the_site(), the_site().work
    at = site.clock()
    found = find_persons(
        "" if _wrong_name(typed.value("person")) else typed.value("person"),
        the_actor(),
        at=at,
        store=work.store,
        rings=work.rings,
        law=work.law,
    )
    if isinstance(found, NotFound):
        return errors.not_found()
    on = legal_day(at)

    def option(one: PersonFound) -> tuple[str, str, str]:
        cases = ", ".join(one.references)
        about = (
            gettext("Ärenden: %(cases)s", cases=cases) if cases else gettext("Inga egna ärenden")
        )
        if one.elsewhere:
            more = gettext("Finns också i %(count)s ärenden om andra.", count=one.elsewhere)
            about = f"{about}. {more}"
        return one.subject_id, f"{one.identity.name}, {age_words(one.identity, on)}", str(about)

    return page.render(
        "extract.html",
        status=status,
        typed=typed,
        asked=_wrong_name(typed.value("person")) is None,
        persons=[option(one) for one in found.persons],
    )
