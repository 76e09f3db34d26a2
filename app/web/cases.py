"""The visitor's own cases, one case, and the persons in it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from app.domain.case import CaseState, parse_reference
from app.domain.legal_day import legal_day
from app.domain.problem import Problem
from app.domain.subject import Identity, Relation, parse_identity
from app.flows.add_person import PersonNotAdded
from app.flows.add_person import add_person as add_person_flow
from app.flows.close_case import set_case_state
from app.flows.correct_identity import IdentityNotCorrected, correct_identity
from app.flows.list_cases import CaseLine, list_cases
from app.flows.not_found import NotFound
from app.flows.start_case import CaseNotStarted, refuse_start, start_case
from app.flows.view_case import CasePage, view_case
from app.web import errors, forms, notices, page
from app.web.case_page import case_view, person_lines
from app.web.person_words import age_words, protection_choices, relation_choices
from app.web.site import the_hands, the_site
from app.web.visitor import the_actor
from policies.roles import can

pages = Blueprint("cases", __name__)

_STATES: dict[str, CaseState] = {"open": "open", "closed": "closed"}
_ADDABLE: dict[str, Relation] = {
    "guardian": "guardian",
    "sibling": "sibling",
    "relative": "relative",
    "other": "other",
}


@pages.route("/", methods=["GET", "POST"])
def index() -> Response:
    """The visitor's own cases; those of colleagues are not shown at all. What is sought among them
    is posted, so that no address holds it."""
    site, actor, typed = the_site(), the_actor(), forms.typed()
    at, work = site.clock(), site.work
    sought = typed.value("sought").strip()
    found = list_cases(actor, sought=sought, at=at, store=work.store, rings=work.rings)
    on = legal_day(at)

    def row(line: CaseLine) -> dict[str, object]:
        identity = line.subject.identity
        return {
            "id": line.case.id,
            "reference": line.case.reference,
            "name": identity.name,
            "age": age_words(identity, on),
            "opened_at": line.case.opened_at,
            "is_open": line.case.state == "open",
            "protected": identity.protected == "yes",
        }

    return page.render(
        "cases.html",
        cases=[row(line) for line in found],
        sought=sought,
        typed=typed,
        may_start=any(can(work.law, role, "start_case") for role in actor.roles),
    )


@pages.route("/arenden/nytt", methods=["GET", "POST"])
def start() -> Response:
    """A new case on a young person, with the visitor in its team."""
    site, actor, typed = the_site(), the_actor(), forms.typed()
    work = site.work
    at = site.clock()
    if not any(can(work.law, role, "start_case") for role in actor.roles):
        refuse_start(actor, at=at, store=work.store, rings=work.rings)
        return errors.not_found()
    if not typed.submitted:
        return _start_page(typed)
    identity = _identity(typed)
    reference = parse_reference(typed.value("reference"))
    problems = [reference] if isinstance(reference, Problem) else []
    if isinstance(identity, list):
        problems += identity
    if problems or isinstance(reference, Problem) or isinstance(identity, list):
        return _start_page(typed.corrected_by(problems), status=422)
    outcome = start_case(
        identity,
        reference,
        actor,
        another=bool(typed.value("another")),
        token=typed.token,
        at=at,
        store=work.store,
        rings=work.rings,
        law=work.law,
    )
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, CaseNotStarted):
        return _start_page(typed.corrected_by(outcome.problems), status=422)
    notice = "case_started_marked" if outcome.marked else "case_started"
    return notices.after(url_for("cases.show", case_id=outcome.case_id), notice)


@pages.get("/arenden/<uuid:case_id>")
def show(case_id: UUID) -> Response:
    """One case: titles, persons, consents, and where its notes have gone."""
    found = seen(str(case_id))
    return errors.not_found() if isinstance(found, NotFound) else case_as_page(found)


@pages.route("/arenden/<uuid:case_id>/person", methods=["GET", "POST"])
def add_person(case_id: UUID) -> Response:
    """A guardian, a sibling or another person whom notes in the case will speak of."""
    actor, typed = the_actor(), forms.typed()
    if not typed.submitted:
        return _person_page(str(case_id), None, typed)
    identity = _identity(typed)
    relation = _ADDABLE.get(typed.value("relation"))
    problems = list(identity) if isinstance(identity, list) else []
    if relation is None:
        problems.append(Problem(field="relation", code="choose_one"))
    if relation is None or isinstance(identity, list):
        return _person_page(str(case_id), None, typed.corrected_by(problems), status=422)
    another = bool(typed.value("another"))
    outcome = add_person_flow(
        str(case_id), identity, relation, actor, another=another, token=typed.token, **the_hands()
    )
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, PersonNotAdded):
        return _person_page(str(case_id), None, typed.corrected_by(outcome.problems), status=422)
    notice = "person_added_marked" if outcome.marked else "person_added"
    return notices.after(url_for("cases.show", case_id=case_id), notice)


@pages.route("/arenden/<uuid:case_id>/person/<uuid:subject_id>", methods=["GET", "POST"])
def correct_person(case_id: UUID, subject_id: UUID) -> Response:
    """Who somebody in the case is, corrected."""
    actor, typed = the_actor(), forms.typed()
    if not typed.submitted:
        return _person_page(str(case_id), str(subject_id), typed)
    identity = _identity(typed)
    if isinstance(identity, list):
        return _person_page(str(case_id), str(subject_id), typed.corrected_by(identity), status=422)
    outcome = correct_identity(str(case_id), str(subject_id), identity, actor, **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, IdentityNotCorrected):
        wrong = typed.corrected_by(outcome.problems)
        return _person_page(str(case_id), str(subject_id), wrong, status=422)
    return notices.after(url_for("cases.show", case_id=case_id), "person_corrected")


@pages.route("/arenden/<uuid:case_id>/avsluta", methods=["GET", "POST"])
def close(case_id: UUID) -> Response:
    """Close the case, or open it again. The form says which: a stale page undoes nothing."""
    typed = forms.typed()
    state = _STATES.get(typed.value("state"))
    if not typed.submitted or state is None:
        found = seen(str(case_id))
        if isinstance(found, NotFound):
            return errors.not_found()
        return page.render("close_case.html", case=found.case, typed=typed)
    outcome = set_case_state(str(case_id), state, the_actor(), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    notice = "case_closed" if state == "closed" else "case_reopened"
    return notices.after(url_for("cases.show", case_id=case_id), notice)


def seen(case_id: str, *, part: str | None = None) -> CasePage | NotFound:
    """The case for the visitor, or a part of it by id. Looking at it is an entry in the log."""
    return view_case(
        case_id,
        the_actor(),
        **the_hands(),
        part=part,
    )


def case_as_page(
    found: CasePage, typed: forms.Typed | None = None, *, status: int = 200
) -> Response:
    """The case page. `typed` is a form on it that was wrongly filled in."""
    case = case_view(found, kind=the_actor().organisation.kind, at=the_site().clock())
    return page.render("case.html", status=status, case=case, typed=typed or forms.untouched())


def _identity(typed: forms.Typed) -> Identity | list[Problem]:
    return parse_identity(
        name=typed.value("name"),
        number=typed.value("number"),
        born=typed.value("born"),
        protected=typed.value("protected"),
        on=legal_day(the_site().clock()),
    )


def _start_page(typed: forms.Typed, *, status: int = 200) -> Response:
    return page.render(
        "start_case.html", status=status, typed=typed, protection=protection_choices()
    )


def _person_page(
    case_id: str, subject_id: str | None, typed: forms.Typed, *, status: int = 200
) -> Response:
    """The form for one person: empty when they are new to the case, else as they are known."""
    found = seen(case_id, part=subject_id)
    if isinstance(found, NotFound):
        return errors.not_found()
    known = next((one for one in found.persons if one.subject.id == subject_id), None)
    if subject_id is not None and known is None:
        return errors.not_found()
    if known is not None:
        typed = typed.starting_with(_as_typed(known.subject.identity))
    on = legal_day(the_site().clock())
    return page.render(
        "person.html",
        status=status,
        typed=typed,
        case=found.case,
        persons=person_lines(found, on),
        known=known,
        protection=protection_choices(),
        relations=relation_choices(),
    )


def _as_typed(identity: Identity) -> dict[str, str]:
    return {
        "name": identity.name,
        "number": identity.number.shown if identity.number else "",
        "born": identity.born.isoformat() if identity.born else "",
        "protected": identity.protected,
    }
