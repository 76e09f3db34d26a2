"""The delegation order, and the list of decisions taken under it, for the board.

Law: KL 6 kap. 37-40 §§, 7 kap. 5-8 §§
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from flask import Blueprint, make_response, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug.wrappers import Response

from app.domain.delegation_form import DECISIONS, parse_delegation
from app.domain.disclosure import Disclosure
from app.domain.legal_day import legal_day
from app.domain.problem import Problem
from app.domain.staff import Delegation, StaffMember
from app.flows.keep_delegation import (
    CONFIRM,
    REGISTER,
    DelegationOrder,
    NotKept,
    register_delegation,
    settle_delegation,
    view_delegations,
)
from app.flows.list_approvals import may
from app.flows.list_decisions import DecisionList, list_decisions
from app.flows.not_found import NotFound
from app.web import errors, forms, notices, page
from app.web.case_page import named
from app.web.law_words import label, provisions_of_ground, vocabulary
from app.web.site import the_hands, the_site
from app.web.visitor import the_actor
from audit.table_text import CsvTable

pages = Blueprint("delegations", __name__)

WHY_NOT: dict[str, LazyString] = {
    "own_delegation": lazy_gettext(
        "Du kan inte registrera eller bekräfta något som ger dig själv rätt att besluta. "
        "Någon annan behöver göra det."
    ),
    "own_registration": lazy_gettext(
        "Du har själv registrerat delegationen. Någon annan behöver bekräfta den."
    ),
    "not_theirs_to_hold": lazy_gettext(
        "Den du valde har ingen roll som kan ha beslutet. Välj någon annan, eller ge rollen först."
    ),
    "settled": lazy_gettext("Delegationen är redan bekräftad eller avslutad. Inget har ändrats."),
}
OUTCOMES: dict[str, LazyString] = {
    "must": lazy_gettext("Utlämnande enligt skyldighet"),
    "may": lazy_gettext("Utlämnande"),
}


@dataclass(frozen=True, kw_only=True)
class DelegationLine:
    """One delegation as the page shows it."""

    id: str
    whom: str
    decision: str
    item: str
    valid_from: date
    valid_until: date | None
    state: Literal["waiting", "holds", "later", "past", "ended"]
    registered_by: str
    confirmed_by: str
    can_confirm: bool
    can_end: bool


@pages.route("/delegation", methods=["GET", "POST"])
def index() -> Response:
    """The order as it stands, and a form to register more."""
    typed = forms.typed()
    if not typed.submitted:
        return _page(typed)
    site, work, actor = the_site(), the_site().work, the_actor()
    at = site.clock()
    found = _order()
    if isinstance(found, NotFound):
        return errors.not_found()
    terms = parse_delegation(
        typed.texts(),
        staff={member.id for member, _ in found.working},
        roles=vocabulary().roles,
        on=legal_day(at),
    )
    if isinstance(terms, list):
        return _page(typed.corrected_by(terms), found=found, status=422)
    outcome = register_delegation(
        terms,
        actor,
        token=typed.token,
        at=at,
        store=work.store,
        rings=work.rings,
        law=work.law,
    )
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, NotKept):
        return _page(typed, found=found, status=422, refused=outcome.reason)
    return notices.after(url_for("delegations.index"), "delegation_registered")


@pages.post("/delegation/<uuid:delegation_id>/bekrafta")
def confirm(delegation_id: UUID) -> Response:
    """By somebody else than the one who registered it."""
    return _settle(str(delegation_id), "confirm", "delegation_confirmed")


@pages.post("/delegation/<uuid:delegation_id>/avsluta")
def end(delegation_id: UUID) -> Response:
    """From this moment nothing more is decided under it."""
    return _settle(str(delegation_id), "end", "delegation_ended")


@pages.get("/delegation/beslut")
def decisions() -> Response:
    """The decisions of a period, as a page to print."""
    period = _period()
    found = None if isinstance(period, list) else _decisions(*period, form="page")
    if isinstance(found, NotFound):
        return errors.not_found()
    typed = forms.untouched().starting_with(
        {name: request.args.get(name, "") for name in ("since", "until")}
        if isinstance(period, list)
        else {"since": period[0].isoformat(), "until": period[1].isoformat()}
    )
    if isinstance(period, list):
        typed = typed.corrected_by(period)
    return page.render(
        "decisions.html",
        status=422 if isinstance(period, list) else 200,
        typed=typed,
        found=found,
        period=None if isinstance(period, list) else period,
        columns=list(_columns()),
        rows=[list(row.values()) for row in _rows(found)] if found else [],
        organisation=the_actor().organisation,
    )


@pages.get("/delegation/beslut.csv")
def decisions_table() -> Response:
    """The same list as a table. No cell is a formula to any spreadsheet."""
    period = _period()
    if isinstance(period, list):
        return decisions()
    found = _decisions(*period, form="table")
    if isinstance(found, NotFound):
        return errors.not_found()
    text = io.StringIO(newline="")
    table = CsvTable(text, _columns())
    for row in _rows(found):
        table.add(row)
    response = make_response(text.getvalue().encode())
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    name = f"beslut-{period[0].isoformat()}-{period[1].isoformat()}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _order() -> DelegationOrder | NotFound:
    return view_delegations(the_actor(), **the_hands())


def _settle(delegation_id: str, act: Literal["confirm", "end"], notice: str) -> Response:
    outcome = settle_delegation(delegation_id, act, the_actor(), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, NotKept):
        return _page(forms.untouched(), status=409, refused=outcome.reason)
    return notices.after(url_for("delegations.index"), notice)


def _page(
    typed: forms.Typed,
    *,
    found: DelegationOrder | None = None,
    status: int = 200,
    refused: str = "",
) -> Response:
    order = found or _order()
    if isinstance(order, NotFound):
        return errors.not_found()
    law, actor = the_site().work.law, the_actor()
    lines = [_line(one, order) for one in order.delegations]
    roles = law.vocabulary.roles
    able = [code for code, role in roles.items() if set(DECISIONS) & set(role.acts)]
    people = [(member, held) for member, held in order.working if held & set(able)]
    return page.render(
        "delegations.html",
        status=status,
        typed=typed,
        refused=WHY_NOT.get(refused, ""),
        standing=[one for one in lines if one.state in ("waiting", "holds", "later")],
        past=[one for one in lines if one.state in ("past", "ended")],
        may_register=may(actor, law, REGISTER),
        may_list=may(actor, law, "list_decisions"),
        whom=[
            (gettext("En roll"), [(f"role:{code}", label(roles[code], code)) for code in able]),
            (
                gettext("En namngiven person"),
                [(f"staff:{member.id}", named(member)) for member, _ in people],
            ),
        ],
        decisions=[(code, _decision(code)) for code in DECISIONS],
    )


def _decision(code: str) -> str:
    found = label(vocabulary().acts.get(code), code)
    return found[:1].upper() + found[1:]


def _line(one: Delegation, order: DelegationOrder) -> DelegationLine:
    actor, law, at = the_actor(), the_site().work.law, the_site().clock()
    state = _state(one, legal_day(at))
    staff = order.staff.get(one.staff_id or "")
    own = one.registered_by == actor.staff_id or one.names(actor.staff_id, actor.roles)
    live = state in ("waiting", "holds", "later")
    terminal = str(gettext("teknikern, när tjänsten sattes upp"))
    return DelegationLine(
        id=one.id,
        whom=named(staff) if one.staff_id else label(vocabulary().roles.get(one.role or "")),
        decision=_decision(one.decision),
        item=one.item,
        valid_from=one.period.valid_from,
        valid_until=one.period.valid_until,
        state=state,
        registered_by=_named(one.registered_by, order.staff, terminal),
        confirmed_by=_named(one.confirmed_by, order.staff, terminal) if one.confirmed_at else "",
        can_confirm=state == "waiting" and may(actor, law, CONFIRM) and not own,
        can_end=live and (may(actor, law, CONFIRM) or may(actor, law, REGISTER)),
    )


def _named(staff_id: str | None, staff: Mapping[str, StaffMember], terminal: str) -> str:
    return named(staff.get(staff_id)) if staff_id else terminal


def _state(one: Delegation, on: date) -> Literal["waiting", "holds", "later", "past", "ended"]:
    if one.ended_at is not None:
        return "ended"
    if one.period.valid_until is not None and one.period.valid_until < on:
        return "past"
    if one.confirmed_at is None:
        return "waiting"
    return "holds" if one.period.valid_from <= on else "later"


def _period() -> tuple[date, date] | list[Problem]:
    """What the address asks for; without it, this month so far."""
    today = legal_day(the_site().clock())
    found: dict[str, date] = {"since": today.replace(day=1), "until": today}
    problems = []
    for name in found:
        text = request.args.get(name, "").strip()
        if not text:
            continue
        try:
            found[name] = date.fromisoformat(text)
        except ValueError:
            problems.append(Problem(field=name, code="date_form"))
    if not problems and found["until"] < found["since"]:
        problems.append(Problem(field="until", code="until_before_from"))
    if not problems and found["until"] > today + timedelta(days=366):
        problems.append(Problem(field="until", code="date_form"))
    if not problems and found["since"].year < 2000:
        problems.append(Problem(field="since", code="date_form"))
    return problems or (found["since"], found["until"])


def _decisions(
    since: date, until: date, *, form: Literal["page", "table"]
) -> DecisionList | NotFound:
    return list_decisions(the_actor(), since=since, until=until, form=form, **the_hands())


def _columns() -> tuple[str, ...]:
    return (
        str(gettext("Tid")),
        str(gettext("Ärende")),
        str(gettext("Beslut")),
        str(gettext("Mottagare")),
        str(gettext("Bestämmelser")),
        str(gettext("Beslutat av")),
        str(gettext("Punkt i delegationsordningen")),
        str(gettext("Anmärkning")),
    )


def _rows(found: DecisionList) -> list[dict[str, str]]:
    return [
        dict(zip(_columns(), _row(made, case, found), strict=True))
        for made, case in found.decisions
    ]


def _row(made: Disclosure, case: str, found: DecisionList) -> tuple[str, ...]:
    recipient = found.organisations.get(made.recipient_id)
    return (
        page.local_clock(made.decided_at),
        case,
        str(OUTCOMES[made.outcome]),
        recipient.name if recipient else "",
        "; ".join(dict.fromkeys(provisions_of_ground(rule, made.pack) for rule in made.grounds)),
        named(found.staff.get(made.decided_by)),
        made.delegation_item,
        str(gettext("Stoppat innan det kom fram")) if made.stopped_at else "",
    )
