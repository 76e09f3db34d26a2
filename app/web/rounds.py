"""*Loggkontroll* in rounds: drawn, answered, asked about, signed, and reported to the board."""

from __future__ import annotations

import secrets
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from app.domain.emergency import Verdict, parse_reason
from app.domain.problem import Problem
from app.domain.trail_search import is_index
from app.flows.answer_round import RoundNotSigned, answer_item, ask_about_item, sign_round
from app.flows.draw_round import draw_round
from app.flows.not_found import NotFound
from app.flows.open_whole_log import open_whole_log
from app.flows.round_questions import reply_to_question, see_questions
from app.flows.see_round import RoundSeen, see_round, see_rounds
from app.web import errors, forms, notices, page
from app.web.case_page import named
from app.web.round_words import act_words, item_lines, questions_in, remarks_in, report_rows
from app.web.site import the_hands, the_site
from app.web.trail_words import found_lines
from app.web.visitor import the_actor

pages = Blueprint("rounds", __name__)

_VERDICTS: dict[str, Verdict] = {"justified": "justified", "remark": "remark"}
_SEED_BYTES = 32


@pages.get("/loggkontroll/rundor")
def index() -> Response:
    """The rounds, and the way to draw this month's."""
    site = the_site()
    found = see_rounds(the_actor(), due_day=site.settings.round_due_day, **the_hands())
    if isinstance(found, NotFound):
        return errors.not_found()
    rounds = [
        (one, named(found.staff.get(one.drawn_by)), named(found.staff.get(one.signed_by or "")))
        for one in found.rounds
    ]
    return page.render(
        "rounds.html",
        typed=forms.untouched(),
        rounds=rounds,
        state=found.state,
        to_draw=found.to_draw,
        left=found.left,
        due_day=site.settings.round_due_day,
    )


@pages.post("/loggkontroll/rundor")
def draw() -> Response:
    """Draw this month's round. What is drawn, nobody chooses: the seed is made here and now."""
    outcome = draw_round(the_actor(), seed=secrets.token_bytes(_SEED_BYTES), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    notice = "round_drawn_already" if outcome.again else "round_drawn"
    return notices.after(url_for("rounds.index"), notice)


@pages.get("/loggkontroll/rundor/<uuid:round_id>")
def show(round_id: UUID) -> Response:
    """One round's items, with the form for one of them."""
    return _round_page(str(round_id), forms.untouched(), request.args.get("valj", ""))


@pages.post("/loggkontroll/rundor/<uuid:round_id>")
def answer(round_id: UUID) -> Response:
    """An answer to one item, or a question about it: which, the pressed button tells."""
    typed, item_id = forms.typed(), forms.typed().value("item")
    asking = bool(typed.value("ask"))
    text = parse_reason(
        typed.value("question" if asking else "remark"), field="question" if asking else "remark"
    )
    verdict = _VERDICTS.get(typed.value("verdict"))
    problems = [] if asking or verdict else [Problem(field="verdict", code="choose_one")]
    if isinstance(text, Problem):
        problems.append(text)
    if not forms.is_id(item_id):
        return _round_page(str(round_id), forms.untouched(), "", status=422)
    if problems or isinstance(text, Problem):
        return _round_page(str(round_id), typed.corrected_by(problems), item_id, status=422)
    found = _said(item_id, text, None if asking else verdict)
    if isinstance(found, NotFound):
        return errors.not_found()
    notice = "round_asked" if asking else "round_answered"
    return notices.after(url_for("rounds.show", round_id=round_id), notice)


def _said(item_id: str, text: str, verdict: Verdict | None) -> object:
    site, work, actor = the_site(), the_site().work, the_actor()
    at = site.clock()
    if verdict is None:
        return ask_about_item(
            item_id, text, actor, at=at, store=work.store, rings=work.rings, law=work.law
        )
    return answer_item(
        item_id, verdict, text, actor, at=at, store=work.store, rings=work.rings, law=work.law
    )


@pages.post("/loggkontroll/rundor/<uuid:round_id>/skriv-under")
def sign(round_id: UUID) -> Response:
    """Sign the round."""
    outcome = sign_round(str(round_id), the_actor(), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, RoundNotSigned):
        return notices.after(url_for("rounds.show", round_id=round_id), "round_unanswered")
    return notices.after(url_for("rounds.report", round_id=round_id), "round_signed")


@pages.get("/loggkontroll/rundor/<uuid:round_id>/rapport")
def report(round_id: UUID) -> Response:
    """The report to the board: counts and remarks, without names and without note text."""
    seen = _seen(str(round_id), report=True)
    if isinstance(seen, NotFound):
        return errors.not_found()
    asked, replied = questions_in(seen)
    return page.render(
        "round_report.html",
        round=seen.round,
        unit=the_actor().organisation,
        rows=report_rows(seen),
        remarks=remarks_in(seen),
        asked=asked,
        replied=replied,
        drawn_by=named(seen.staff.get(seen.round.drawn_by)),
        signed_by=named(seen.staff.get(seen.round.signed_by or "")),
        drawn_again=seen.drawn_again,
        whole=seen.whole,
        checkpoint=seen.checkpoint,
    )


@pages.route("/loggkontroll/rundor/post/<uuid:item_id>/hela-loggen", methods=["GET", "POST"])
def whole_log(item_id: UUID) -> Response:
    """Somebody's whole log, once the suspicion has been written down."""
    work, typed = the_site().work, forms.typed()
    reason = parse_reason(typed.value("reason")) if typed.submitted else None
    if isinstance(reason, Problem):
        typed, reason = typed.corrected_by([reason]), None
    before = typed.value("before")
    opened = open_whole_log(
        str(item_id),
        reason,
        the_actor(),
        before=int(before) if is_index(before) else None,
        **the_hands(),
        log_keys=work.log_keys,
        witnesses=work.witnesses,
    )
    if isinstance(opened, NotFound):
        return errors.not_found()
    return page.render(
        "whole_log.html",
        status=422 if typed.problems else 200,
        typed=typed,
        item=opened.item,
        who=named(opened.member),
        opened=opened.found is not None,
        lines=found_lines(opened.found, work.law) if opened.found else [],
        more=opened.found.more if opened.found else None,
    )


@pages.get("/fragor")
def questions() -> Response:
    """What reviewers have asked the visitor, with the form for the first that waits."""
    return _questions_page(forms.untouched(), request.args.get("valj", ""))


@pages.post("/fragor")
def reply() -> Response:
    """The visitor's answer to one question."""
    site, work, typed = the_site(), the_site().work, forms.typed()
    item_id, text = typed.value("item"), parse_reason(typed.value("reply"), field="reply")
    if isinstance(text, Problem) or not forms.is_id(item_id):
        problems = [text] if isinstance(text, Problem) else []
        return _questions_page(typed.corrected_by(problems), item_id, status=422)
    outcome = reply_to_question(
        item_id, text, the_actor(), at=site.clock(), store=work.store, rings=work.rings
    )
    if isinstance(outcome, NotFound):
        return errors.not_found()
    return notices.after(url_for("rounds.questions"), "round_replied")


def _seen(round_id: str, *, report: bool) -> RoundSeen | NotFound:
    return see_round(round_id, the_actor(), part="report" if report else "items", **the_hands())


def _round_page(round_id: str, typed: forms.Typed, asked: str, *, status: int = 200) -> Response:
    seen = _seen(round_id, report=False)
    if isinstance(seen, NotFound):
        return errors.not_found()
    lines = item_lines(seen)
    to_do = [line.id for line in lines if not line.mine and not line.reviewer]
    return page.render(
        "round.html",
        status=status,
        typed=typed,
        round=seen.round,
        lines=lines,
        left=len(to_do),
        theirs=len(seen.open_items) - len(to_do),
        can_be_signed=seen.can_be_signed,
        # One form on the page, as under signals.
        open_form=asked if asked in to_do else next(iter(to_do), ""),
    )


def _questions_page(typed: forms.Typed, asked: str, *, status: int = 200) -> Response:
    site, work = the_site(), the_site().work
    found = see_questions(the_actor(), at=site.clock(), store=work.store, rings=work.rings)
    own = the_actor().name
    lines = [
        {
            "id": one.item.id,
            "at": one.item.at,
            "what": act_words(one.item, own),
            "reference": one.reference,
            "question": one.question,
            "by": named(found.staff.get(one.question.by)),
        }
        for one in found.lines
    ]
    waiting = [one.item.id for one in found.lines if one.question.replied_at is None]
    return page.render(
        "questions.html",
        status=status,
        typed=typed,
        lines=lines,
        open_form=asked if asked in waiting else next(iter(waiting), ""),
    )
