"""The gate as a person meets it: what the law answers towards everyone, then one decision.

The pages are guidance from rules. A named official decides, with the delegation they have.
Law: OSL 8 kap. 1 §, 10 kap.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.disclosure import DisclosureOrder, Intent
from app.domain.problem import Problem
from app.flows.ask_approval import ApprovalNotAsked, ask_approval
from app.flows.consider_disclosure import Considered, consider_disclosure
from app.flows.disclose_note import Disclosed, NotDisclosed, disclose_note
from app.flows.not_found import NotFound
from app.flows.stop_delivery import Stopped, stop_delivery
from app.flows.view_note import view_note
from app.web import disclosure_form, errors, forms, notices, page
from app.web.answer_words import answer_view, secrecy_of, sorted_answers
from app.web.disclosure_form import Asked
from app.web.disclosure_page import DecisionPage, decision_page, groups, note_line
from app.web.law_words import purpose_choices, purpose_label
from app.web.site import the_hands, the_site
from app.web.unlike_words import UNLIKE
from app.web.visitor import the_actor

pages = Blueprint("disclosures", __name__)

TO_INDIVIDUALS = frozenset({"access", "inform_guardian"})
"""Purposes of telling a person; those addressed here are organisations."""


@pages.get("/anteckningar/<uuid:note_id>/lamna-ut")
def choose(note_id: UUID) -> Response:
    """Purpose first; then what the law answers towards every organisation."""
    purpose = _purpose(request.args.get("purpose", ""))
    if not purpose and request.args:
        wrong = [Problem(field="purpose", code="choose_one")]
        return _ask_purpose(str(note_id), forms.untouched().corrected_by(wrong))
    if not purpose:
        return _ask_purpose(str(note_id))
    considered = _considered(
        Intent(note_id=str(note_id), version=0, recipient_id="", purpose=purpose)
    )
    if isinstance(considered, NotFound):
        return errors.not_found()
    law = the_site().work.law
    views = [answer_view(law, one, considered.persons) for one in considered.answers]
    place = the_actor().organisation.municipality
    secrecy, may_be_secrecy = secrecy_of(views)
    return page.render(
        "choose_recipient.html",
        note=note_line(considered),
        purpose=purpose,
        purpose_words=purpose_label(purpose),
        groups=groups(sorted_answers(views, place=place)),
        on=considered.answers[0].decision.by_person[considered.note.head.described[0]].on,
        secrecy=secrecy,
        may_be_secrecy=may_be_secrecy,
        unknown=any(view.unknown for view in views),
        may_decide=considered.may_decide,
    )


@pages.route("/anteckningar/<uuid:note_id>/lamna-ut/<organisation_id>", methods=["GET", "POST"])
def decide(note_id: UUID, organisation_id: str) -> Response:
    """One recipient: what the law says and still asks, the assessments, and the decision."""
    typed = forms.typed()
    purpose = _purpose(typed.value("purpose") or request.args.get("purpose", ""))
    if not purpose and typed.submitted:
        # Asked for again with everything else that was typed carried along: nobody writes it twice.
        wrong = [Problem(field="purpose", code="choose_one")]
        return _ask_purpose(str(note_id), typed.corrected_by(wrong), organisation_id)
    if not purpose:
        told = "yes" if request.args else None
        return redirect(url_for("disclosures.choose", note_id=note_id, asked=told), 303)
    asked = Asked(note_id=str(note_id), recipient_id=organisation_id, purpose=purpose)
    considered = _asked_again(typed, asked)
    if isinstance(considered, NotFound):
        return errors.not_found()
    if not typed.submitted or typed.value("ask"):
        return _decide_page(typed, asked, considered)
    work, actor = the_site().work, the_actor()
    to_ask = bool(typed.value("ask_approval"))
    order = disclosure_form.order(
        typed, asked, considered, work.law.vocabulary, for_approval=to_ask
    )
    if isinstance(order, list):
        return _decide_page(typed.corrected_by(order), asked, considered, status=422)
    if to_ask:
        return _ask_approval(typed, asked, order)
    outcome = disclose_note(order, actor, **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, NotDisclosed):
        return _refused(typed, asked, outcome.reason)
    return _done(outcome)


def _ask_approval(typed: forms.Typed, asked: Asked, order: DisclosureOrder) -> Response:
    """What was assessed is kept; the question waits for somebody else."""
    outcome = ask_approval(order, the_actor(), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, ApprovalNotAsked):
        return _refused(typed, asked, f"approval_{outcome.reason}")
    here = url_for(
        "disclosures.decide",
        note_id=asked.note_id,
        organisation_id=asked.recipient_id,
        purpose=asked.purpose,
    )
    return notices.after(here, "approval_asked")


@pages.post("/utlamnanden/<uuid:disclosure_id>/stoppa")
def stop(disclosure_id: UUID) -> Response:
    """Stops what is still on its way."""
    outcome = stop_delivery(str(disclosure_id), the_actor(), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, Stopped):
        return notices.after(url_for("cases.show", case_id=outcome.case_id), "disclosure_stopped")
    return page.render("too_late.html", status=409, case_id=outcome.case_id)


def _purpose(code: str) -> str:
    """The purpose if there is one by that code for an organisation, else an empty text."""
    known = the_site().work.law.vocabulary.purposes
    return code if code in known and code not in TO_INDIVIDUALS else ""


def _ask_purpose(
    note_id: str, typed: forms.Typed | None = None, organisation_id: str = ""
) -> Response:
    """With `typed`, the form about `organisation_id` that was posted without a purpose."""
    found = view_note(note_id, the_actor(), **the_hands())
    if isinstance(found, NotFound):
        return errors.not_found()
    return page.render(
        "choose_purpose.html",
        note=note_line(found),
        status=422 if typed else 200,
        typed=typed or forms.untouched(),
        organisation_id=organisation_id,
        kept=[one for one in forms.kept_fields() if one[0] != "purpose"] if typed else [],
        purposes=[one for one in purpose_choices() if one[0] not in TO_INDIVIDUALS],
    )


def _considered(intent: Intent) -> Considered | NotFound:
    return consider_disclosure(intent, the_actor(), **the_hands())


def _asked_again(typed: forms.Typed, asked: Asked) -> Considered | NotFound:
    """The law's answer with what has been typed about the request and the persons."""
    return _considered(disclosure_form.intent(typed, asked, described=_named_in(typed)))


def _named_in(typed: forms.Typed) -> tuple[str, ...]:
    """Those whom the typed circumstances name. Of a stranger to the note the law asks nothing."""
    names = (name.split(":") for name in typed.fields)
    return tuple(dict.fromkeys(one[2] for one in names if one[0] == "fact" and len(one) == 3))


def _decide_page(
    typed: forms.Typed,
    asked: Asked,
    considered: Considered,
    *,
    status: int = 200,
    refused: str = "",
) -> Response:
    answers: DecisionPage = decision_page(
        the_site().work.law, considered, typed, asked, actor=the_actor(), at=the_site().clock()
    )
    return page.render(
        "decide.html",
        status=status,
        typed=typed,
        decide=answers,
        refused=refused,
        unlike=next((words for one, words in UNLIKE.items() if refused.endswith(one)), ""),
    )


def _refused(typed: forms.Typed, asked: Asked, reason: str) -> Response:
    """Nothing left. The same page with the new answer on top, and everything typed in place."""
    considered = _asked_again(typed, asked)
    if isinstance(considered, NotFound):
        return errors.not_found()
    conflicts = ("newer_version", "pack_not_in_use", "already_sent", "used_form")
    status = 409 if reason.endswith(conflicts) else 422
    return _decide_page(typed, asked, considered, status=status, refused=reason)


def _done(outcome: Disclosed) -> Response:
    at_once = outcome.arrives_at <= the_site().clock()
    told = "disclosed_at_once" if at_once else "disclosed"
    return notices.after(
        url_for("cases.show", case_id=outcome.case_id),
        "disclosure_stopped" if outcome.stopped else told,
    )
