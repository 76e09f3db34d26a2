"""Approvals: what waits for a supervisor, what it rests on, and the answer.

Opening what it rests on is an act: asked for by a button, entered in the log, shown in that answer
alone. Law: OSL 10 kap. 15 a §
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, redirect, url_for
from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug.wrappers import Response

from app.domain.approval import parse_approval_answer
from app.domain.assessment import RecordedAssessment
from app.domain.staff import StaffMember
from app.flows.answer_approval import (
    ApprovalNotAnswered,
    ApprovalSeen,
    Basis,
    answer_approval,
    read_approval,
    view_approval,
)
from app.flows.answered_already import AnsweredAlready
from app.flows.ask_approval import ApprovalNotWithdrawn, withdraw_approval
from app.flows.list_approvals import APPROVE, list_approvals, may
from app.flows.not_found import NotFound
from app.records.approval import ListedApproval
from app.web import answered_already, errors, forms, notices, page
from app.web.answer_words import person_labels
from app.web.approval_words import STATES, ApprovalLine, approval_line, given_here, positive
from app.web.case_page import named
from app.web.language import current_language
from app.web.law_words import category_label, label, purpose_label
from app.web.site import the_hands, the_site
from app.web.visitor import the_actor
from audit.canonical import Json
from policies import explain
from policies.selectors import written_out

pages = Blueprint("approvals", __name__)

WHY_NOT: dict[str, LazyString] = {
    "own_question": lazy_gettext("Du har själv ställt frågan. Någon annan behöver svara."),
    "own_assessment": lazy_gettext(
        "Du har gjort en av de bedömningar som frågan vilar på. Någon annan behöver svara."
    ),
    "withdrawn": lazy_gettext("Frågan är tillbakatagen. Ditt svar har inte sparats."),
    "superseded": lazy_gettext(
        "Anteckningen har rättats sedan frågan ställdes. Frågan behöver ställas på nytt om den "
        "nya versionen. Ditt svar har inte sparats."
    ),
}


@dataclass(frozen=True, kw_only=True)
class ListLine:
    """One question in a list."""

    id: str
    case: str
    recipient: str
    purpose: str
    asked_by: str
    asked_at: datetime
    word: LazyString
    color: str
    link: str


@dataclass(frozen=True, kw_only=True)
class AssessmentLine:
    """One assessment that a question rests on."""

    person: str
    sentence: str
    yes: bool
    reasons: str
    circumstances: str
    by: str
    at: datetime


@pages.get("/godkannanden")
def index() -> Response:
    """What waits for the visitor, and what they have asked or answered."""
    work = the_site().work
    found = list_approvals(the_actor(), **the_hands())
    if isinstance(found, NotFound):
        return errors.not_found()

    def line(one: ListedApproval) -> ListLine:
        asked = one.approval
        word, color = STATES[asked.state(one.newest_version)]
        recipient = found.organisations.get(asked.recipient_id)
        return ListLine(
            id=asked.id,
            case=one.case,
            recipient=recipient.name if recipient else "",
            purpose=purpose_label(asked.purpose),
            asked_by=named(found.staff.get(asked.asked_by)),
            asked_at=asked.asked_at,
            word=word,
            color=color,
            link=url_for("approvals.show", approval_id=asked.id),
        )

    return page.render(
        "approvals.html",
        waiting=[line(one) for one in found.waiting],
        own=[line(one) for one in found.own],
        may_approve=may(the_actor(), work.law, APPROVE),
    )


@pages.get("/godkannanden/<uuid:approval_id>")
def show(approval_id: UUID) -> Response:
    """One question in outline: who asks, to whom, what for."""
    seen = view_approval(str(approval_id), the_actor(), **the_hands())
    return errors.not_found() if isinstance(seen, NotFound) else _page(seen, forms.untouched())


@pages.get("/godkannanden/<uuid:approval_id>/las")
def ask_to_read(approval_id: UUID) -> Response:
    """Loaded again, or after a change of language: nothing is read silently."""
    return redirect(url_for("approvals.show", approval_id=approval_id), 303)


@pages.post("/godkannanden/<uuid:approval_id>/las")
def read(approval_id: UUID) -> Response:
    """What the question rests on. The reading is in the log before it is shown."""
    return _read(str(approval_id), forms.untouched())


@pages.route("/godkannanden/<uuid:approval_id>/svara", methods=["GET", "POST"])
def answer(approval_id: UUID) -> Response:
    """Yes or no, with reasons. What was typed stays when something is wrong with it."""
    typed = forms.typed()
    if not typed.submitted:
        if not typed.fields:
            return ask_to_read(approval_id)
        return _read(str(approval_id), typed)
    answered = parse_approval_answer(typed.texts())
    if isinstance(answered, list):
        return _read(str(approval_id), typed.corrected_by(answered), status=422)
    outcome = answer_approval(str(approval_id), answered, the_actor(), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, AnsweredAlready):
        here = url_for("approvals.show", approval_id=approval_id)
        return answered_already.page_of(outcome, here, answered_already.APPROVAL)
    if isinstance(outcome, ApprovalNotAnswered):
        return _read(str(approval_id), typed, status=409, refused=outcome.reason)
    notice = "approval_given" if answered.answer == "yes" else "approval_refused"
    return notices.after(url_for("approvals.index"), notice)


@pages.post("/godkannanden/<uuid:approval_id>/ta-tillbaka")
def withdraw(approval_id: UUID) -> Response:
    """The visitor's own question, taken back before it is answered."""
    outcome = withdraw_approval(str(approval_id), the_actor(), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    here = url_for("approvals.show", approval_id=approval_id)
    if isinstance(outcome, ApprovalNotWithdrawn):
        return redirect(here, 303)
    return notices.after(here, "approval_withdrawn")


def _read(
    approval_id: str, typed: forms.Typed, *, status: int = 200, refused: str = ""
) -> Response:
    seen = read_approval(approval_id, the_actor(), **the_hands())
    if isinstance(seen, NotFound):
        return errors.not_found()
    return _page(seen, typed, status=status, refused=refused)


def _page(
    seen: ApprovalSeen, typed: forms.Typed, *, status: int = 200, refused: str = ""
) -> Response:
    one, actor = seen.approval, the_actor()
    line: ApprovalLine = approval_line(
        one, seen.staff, newest_version=seen.newest_version, reader=actor.staff_id
    )
    basis = seen.basis
    why_not = refused or (seen.why_not or "")
    return page.render(
        "approval.html",
        status=status,
        typed=typed,
        approval=line,
        version=one.version,
        case=seen.case,
        recipient=seen.recipient.name,
        purpose=purpose_label(one.purpose),
        may_approve=may(actor, the_site().work.law, APPROVE),
        refused=bool(refused),
        why_not=WHY_NOT.get(why_not, "") if line.state == "asked" or refused else "",
        basis=_basis(basis) if basis else None,
        assessments=_assessments(basis, seen.staff) if basis else [],
        stated=_stated(basis) if basis else [],
    )


def _basis(basis: Basis) -> Mapping[str, object]:
    line, language = basis.text.line, current_language()
    law = the_site().work.law
    labels = person_labels(line.head.described, basis.persons)
    names = [
        f"{person.subject.identity.name} ({labels[subject_id]})"
        for subject_id in line.head.described
        if (person := basis.persons.get(subject_id))
    ]
    told = [explain(law, one, language) for one in basis.decision.by_person.values()]
    rules = {
        rule.id: rule
        for one in basis.decision.by_person.values()
        for near in one.near
        if (rule := law.rules.get(near.id)) and given_here(law, positive(near.unmet))
    }
    return {
        "title": line.head.title,
        "category": category_label(line.head.category),
        "written_at": line.written_at,
        "described": names,
        "text": basis.text.text,
        "cautions": list(dict.fromkeys(text for one in told for text in one.cautions)),
        "grounds": [
            {
                "title": rule.en if language == "en" else rule.sv,
                "plain": rule.explain_en if language == "en" else rule.explain_sv,
                "cites": [written_out(cite) for cite in rule.cite],
            }
            for rule in rules.values()
        ],
        "unprotected": any(
            "receiver_unprotected" in one.flags for one in basis.decision.by_person.values()
        ),
    }


def _stated(basis: Basis) -> list[tuple[str, str]]:
    """What the asker said of the request and the persons: a yes is to exactly that."""
    initiative = {"own": gettext("eget initiativ"), "request": gettext("på begäran")}
    answers = {"yes": gettext("ja"), "no": gettext("nej")}
    unsaid = gettext("inte angivet")
    told = basis.stated
    lines = [
        (gettext("Initiativ"), initiative.get(str(told.get("initiative")), unsaid)),
        (
            gettext("Den som begärt uppgiften är kontrollerad"),
            answers.get(str(told.get("requester_verified")), unsaid),
        ),
        (
            gettext("Socialnämnden har uppgett att en utredning pågår"),
            answers.get(str(told.get("investigation_open")), unsaid),
        ),
    ]
    unusual = told.get("out_of_the_ordinary")
    lines += [(_condition(str(one)), gettext("ja")) for one in _listed(unusual)]
    labels = person_labels(basis.text.line.head.described, basis.persons)
    for one in _listed(told.get("circumstances")):
        if isinstance(one, Mapping):
            person = labels.get(str(one["person"]), "")
            words = f"{_condition(str(one['fact']))} ({person})"
            lines.append((words, answers.get(str(one["answer"]), unsaid)))
    return lines


def _condition(name: str) -> str:
    sentence = label(the_site().work.law.vocabulary.conditions.get(name), name)
    return sentence[:1].upper() + sentence[1:]


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _assessments(basis: Basis, staff: Mapping[str, StaffMember]) -> list[AssessmentLine]:
    labels = person_labels(basis.text.line.head.described, basis.persons)
    return [_assessment(one, labels, staff) for one in basis.assessments]


def _assessment(
    one: RecordedAssessment, labels: Mapping[str, str], staff: Mapping[str, StaffMember]
) -> AssessmentLine:
    made = one.assessment
    return AssessmentLine(
        person=labels.get(made.subject_id, ""),
        sentence=_condition(made.statement),
        yes=made.answer == "yes",
        reasons=made.reasons,
        circumstances=made.circumstances,
        by=named(staff.get(one.by)),
        at=one.at,
    )
