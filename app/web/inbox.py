"""*Inkommet*: what has arrived, opened, registered and filed in a case of one's own.

What is shown came inside the seal. Nothing here tells anything of the sender's own numbers, and the
identity that came with it is matched in the recipient's own register only.
Law: OSL 5 kap. 1 §
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.delivery import Delivery
from app.domain.problem import Problem
from app.flows.file_delivery import NotFiled, file_delivery
from app.flows.list_cases import list_cases
from app.flows.not_found import NotFound
from app.flows.receive_delivery import (
    DeliveryFiled,
    NotRegistered,
    list_deliveries,
    open_delivery,
    register_delivery,
)
from app.flows.view_case import CasePage
from app.flows.view_delivery import view_delivery
from app.web import cases, errors, forms, notices, page
from app.web.delivery_words import DeliveryView, delivery_line, delivery_view, match_choices
from app.web.law_words import category_choices
from app.web.site import the_hands, the_site
from app.web.visitor import the_actor
from policies.roles import can

pages = Blueprint("inbox", __name__)

NEW_PERSON = "new"


@pages.get("/inkommet")
def index() -> Response:
    """What has arrived at the visitor's organisation, latest first."""
    found = list_deliveries(the_actor(), **the_hands())
    if isinstance(found, NotFound):
        return errors.not_found()
    return page.render("inbox.html", deliveries=[delivery_line(one) for one in found])


@pages.get("/inkommet/<uuid:delivery_id>")
def show(delivery_id: UUID) -> Response:
    """One delivery without its text: from whom, on which ground, about whom."""
    return _page(str(delivery_id), forms.untouched())


@pages.get("/inkommet/<uuid:delivery_id>/oppna")
def ask_to_read(delivery_id: UUID) -> Response:
    """Loaded again, or after a change of language: nothing is read silently."""
    return redirect(url_for("inbox.show", delivery_id=delivery_id), 303)


@pages.post("/inkommet/<uuid:delivery_id>/oppna")
def read(delivery_id: UUID) -> Response:
    """The text. Its opening is in the log before it is shown, and it is in this answer alone."""
    opened = open_delivery(str(delivery_id), the_actor(), **the_hands())
    if isinstance(opened, NotFound):
        return errors.not_found()
    if isinstance(opened, DeliveryFiled):
        return redirect(url_for("cases.show", case_id=opened.case_id), 303)
    return _render(opened.delivery, forms.untouched(), text=opened.text)


@pages.route("/inkommet/<uuid:delivery_id>/registrera", methods=["GET", "POST"])
def register(delivery_id: UUID) -> Response:
    """The organisation's own number for it. The sender then sees that it has been received."""
    typed = forms.typed()
    if not typed.submitted:
        return _page(str(delivery_id), typed)
    outcome = register_delivery(
        str(delivery_id), typed.value("reference"), the_actor(), **the_hands()
    )
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, NotRegistered):
        return _page(str(delivery_id), typed.corrected_by(outcome.problems), status=422)
    return notices.after(url_for("inbox.show", delivery_id=delivery_id), "delivery_registered")


@pages.route("/inkommet/<uuid:delivery_id>/lagg-i-arende", methods=["GET", "POST"])
def file(delivery_id: UUID) -> Response:
    """First which case, then who each person is in it."""
    typed = forms.typed()
    case_id = typed.value("case") or request.args.get("case", "")
    if not typed.submitted or not forms.is_id(case_id):
        return _file_page(str(delivery_id), case_id, typed, asked="case" in request.args)
    seen = _seen(str(delivery_id), case_id)
    if isinstance(seen, NotFound):
        return errors.not_found()
    positions = range(len(seen.delivery.head.persons))
    matches = [typed.value(f"match-{position}") for position in positions]
    known = {one.subject.id for one in seen.case.persons} | {NEW_PERSON}
    problems = [
        Problem(field=f"match-{position}", code="match_missing")
        for position in positions
        if matches[position] not in known
    ]
    if not typed.value("category"):
        problems.append(Problem(field="category", code="category_missing"))
    if problems:
        return _match_page(seen, typed.corrected_by(problems), status=422)
    outcome = file_delivery(
        str(delivery_id),
        case_id,
        typed.value("category"),
        the_actor(),
        matches=["" if match == NEW_PERSON else match for match in matches],
        **the_hands(),
    )
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, NotFiled):
        return _match_page(seen, typed.corrected_by(outcome.problems), status=422)
    return notices.after(url_for("cases.show", case_id=outcome.case_id), "delivery_filed")


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """A delivery and the case it may be filed in."""

    delivery: Delivery
    case: CasePage


def _delivery(delivery_id: str) -> Delivery | NotFound:
    return view_delivery(delivery_id, the_actor(), **the_hands())


def _seen(delivery_id: str, case_id: str) -> _Seen | NotFound:
    delivery = _delivery(delivery_id)
    if isinstance(delivery, NotFound):
        return delivery
    case = cases.seen(case_id)
    return case if isinstance(case, NotFound) else _Seen(delivery=delivery, case=case)


def _page(delivery_id: str, typed: forms.Typed, *, status: int = 200) -> Response:
    found = _delivery(delivery_id)
    if isinstance(found, NotFound):
        return errors.not_found()
    return _render(found, typed, status=status)


def _render(
    delivery: Delivery, typed: forms.Typed, *, text: str | None = None, status: int = 200
) -> Response:
    view: DeliveryView = delivery_view(delivery)
    law, roles = the_site().work.law, the_actor().roles
    return page.render(
        "delivery.html",
        status=status,
        delivery=view,
        text=text,
        typed=typed,
        may_open=any(can(law, role, "receive_delivery") for role in roles),
        may_file=any(can(law, role, "file_delivery") for role in roles),
    )


def _file_page(delivery_id: str, case_id: str, typed: forms.Typed, *, asked: bool) -> Response:
    """The step that comes next: the case while none is chosen, then the persons."""
    if forms.is_id(case_id):
        seen = _seen(delivery_id, case_id)
        if isinstance(seen, NotFound):
            return errors.not_found()
        return _match_page(seen, typed)
    delivery = _delivery(delivery_id)
    if isinstance(delivery, NotFound):
        return errors.not_found()
    site, work = the_site(), the_site().work
    own = list_cases(the_actor(), at=site.clock(), store=work.store, rings=work.rings)
    if asked or typed.submitted:
        typed = typed.corrected_by([Problem(field="case", code="case_missing")])
    return page.render(
        "choose_case.html",
        status=422 if typed.problems else 200,
        delivery=delivery_view(delivery),
        typed=typed,
        cases=[
            (one.case.id, f"{one.case.reference}, {one.subject.identity.name}")
            for one in own
            if one.case.state == "open"
        ],
    )


def _match_page(seen: _Seen, typed: forms.Typed, *, status: int = 200) -> Response:
    return page.render(
        "file_delivery.html",
        status=status,
        delivery=delivery_view(seen.delivery),
        case=seen.case.case,
        persons=match_choices(seen.delivery, seen.case.persons, new=NEW_PERSON),
        categories=category_choices(the_actor().organisation.kind),
        typed=typed,
    )
