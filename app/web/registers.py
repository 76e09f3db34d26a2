"""The disclosure register and the record of processing, each with its page.

Law: SoL 14 kap. 1, 3 §§; dataskyddsförordningen artikel 30.1
"""

from __future__ import annotations

import io
from datetime import date, timedelta

from flask import Blueprint, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.domain.disclosure import Disclosure
from app.domain.legal_day import legal_day
from app.domain.problem import Problem
from app.domain.subject import parse_day
from app.flows.disclosure_register import Register, read_processing_record, read_register
from app.flows.not_found import NotFound
from app.records.disclosure_list import RegisteredDisclosure
from app.web import errors, forms, page
from app.web.law_words import category_choices, provisions_of_ground, purpose_label
from app.web.site import the_hands, the_site
from app.web.visitor import the_actor
from audit.table_text import CsvTable

pages = Blueprint("registers", __name__)

COLUMNS = (
    "decided",
    "case",
    "recipient",
    "purpose",
    "ground",
    "provisions",
    "duty",
    "decided_by",
    "stopped",
    "acknowledged",
)


@pages.get("/utlamnanderegister")
def disclosures() -> Response:
    """The disclosures of the days asked for; the last ninety unless somebody asks."""
    typed = forms.typed()
    asked = _days(request.args.get("day_from", ""), request.args.get("day_until", ""))
    problems = [asked] if isinstance(asked, Problem) else []
    days = _latest() if isinstance(asked, Problem) else asked
    found = _read(days, whole=False)
    if isinstance(found, NotFound):
        return errors.not_found()
    typed = typed.starting_with(
        {
            "day_from": request.args.get("day_from", "") or days[0].isoformat(),
            "day_until": request.args.get("day_until", "") or days[1].isoformat(),
        }
    )
    return page.render(
        "disclosure_register.html",
        status=422 if problems else 200,
        typed=typed.corrected_by(problems),
        days=days,
        rows=[_cells(one, found) for one in found.rows],
        total=found.total,
    )


@pages.post("/utlamnanderegister/tabell")
def table() -> Response:
    """The same as CSV, whole."""
    typed = forms.typed()
    days = _days(typed.value("day_from"), typed.value("day_until"))
    if isinstance(days, Problem):
        days = _latest()
    found = _read(days, whole=True)
    if isinstance(found, NotFound):
        return errors.not_found()
    file = io.StringIO(newline="")
    made = CsvTable(file, COLUMNS)
    for one in found.rows:
        made.add(_row(one, found))
    answer = Response(file.getvalue().encode(), mimetype="text/csv")
    name = f"sluss-utlamnanden-{days[0].isoformat()}-{days[1].isoformat()}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@pages.get("/registerforteckning")
def processing() -> Response:
    """The record of processing activities of the visitor's organisation."""
    site, actor = the_site(), the_actor()
    found = read_processing_record(actor, **the_hands())
    if isinstance(found, NotFound):
        return errors.not_found()
    recipients = sorted(
        (
            found.organisations[recipient].name if recipient in found.organisations else recipient,
            purpose_label(purpose),
            str(count),
        )
        for (recipient, purpose), count in found.recipients.items()
    )
    return page.render(
        "processing_record.html",
        organisation=actor.organisation,
        categories=[text for _, text in category_choices(actor.organisation.kind)],
        recipients=recipients,
        on=legal_day(site.clock()),
    )


def _read(days: tuple[date, date], *, whole: bool) -> Register | NotFound:
    return read_register(*days, the_actor(), whole=whole, **the_hands())


def _latest() -> tuple[date, date]:
    today = legal_day(the_site().clock())
    return today - timedelta(days=90), today


def _days(start: str, until: str) -> tuple[date, date] | Problem:
    today = legal_day(the_site().clock())
    last = parse_day(until) if until.strip() else today
    if last is None:
        return Problem(field="day_until", code="date_form")
    first = parse_day(start) if start.strip() else last - timedelta(days=90)
    if first is None:
        return Problem(field="day_from", code="date_form")
    if last < first:
        return Problem(field="day_until", code="until_before_from")
    return first, last


def _provisions(made: Disclosure) -> str:
    texts = (provisions_of_ground(ground, made.pack) for ground in made.grounds)
    return ", ".join(dict.fromkeys(texts))


def _row(one: RegisteredDisclosure, found: Register) -> dict[str, object]:
    made = one.disclosure
    recipient = found.organisations.get(made.recipient_id)
    return {
        "decided": made.decided_at.isoformat(),
        "case": one.reference,
        "recipient": recipient.name if recipient else made.recipient_id,
        "purpose": purpose_label(made.purpose),
        "ground": list(made.grounds),
        "provisions": _provisions(made),
        "duty": gettext("ja") if made.outcome == "must" else gettext("nej"),
        "decided_by": one.decider,
        "stopped": made.stopped_at.isoformat() if made.stopped_at else "",
        "acknowledged": one.acknowledged_at.isoformat() if one.acknowledged_at else "",
    }


def _cells(one: RegisteredDisclosure, found: Register) -> list[object]:
    made, row = one.disclosure, _row(one, found)
    state = gettext("stoppat") if made.stopped_at else ""
    if one.acknowledged_at:
        state = gettext("registrerat av mottagaren")
    return [
        page.local_time(made.decided_at),
        row["case"],
        row["recipient"],
        row["purpose"],
        row["provisions"],
        row["decided_by"],
        state or gettext("utlämnat"),
    ]
