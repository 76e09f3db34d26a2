"""*Loggkontroll* in rounds: drawn, answered, asked about, signed, and reported to the board."""

from __future__ import annotations

import secrets
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from app.domain.emergency import parse_reason
from app.domain.judgement import parse_judgement
from app.domain.page_block import block_with
from app.domain.problem import Problem
from app.domain.trail_search import is_index
from app.flows.answer_round import (
    AskedAlready,
    ItemAnswered,
    ItemAsked,
    RoundNotSigned,
    answer_item,
    ask_about_item,
    sign_round,
)
from app.flows.answered_already import AnsweredAlready
from app.flows.draw_round import draw_round
from app.flows.not_found import NotFound
from app.flows.open_whole_log import open_whole_log
from app.flows.round_questions import reply_to_question, see_questions
from app.flows.see_round import RoundSeen, see_round, see_rounds
from app.web import answered_already, errors, forms, notices, page
from app.web.case_page import named
from app.web.round_words import act_words, item_lines, questions_in, remarks_in, report_rows
from app.web.site import the_hands, the_site
from app.web.trail_words import found_lines, unlike_told
from app.web.visitor import the_actor

pages = Blueprint("rounds", __name__)

_SEED_BYTES = 32


@pages.get("/loggkontroll/rundor")
def index() -> Response:
    """The rounds, and the way to draw this month's."""
    site = the_site()
    due_day, before = site.settings.round_due_day, request.args.get("fore", "")
    found = see_rounds(the_actor(), due_day=due_day, before=before or None, **the_hands())
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
        later=bool(before),
        more=found.more,
        due_day=due_day,
    )


@pages.post("/loggkontroll/rundor")
def draw() -> Response:
    """Draw this month's round. What is drawn, nobody chooses: the seed is made here and now."""
    outcome = draw_round(the_actor(), seed=secrets.token_bytes(_SEED_BYTES), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    notice = "round_drawn_already" if outcome.again else "round_drawn"
    return notices.after(url_for("rounds.index"), notice)


@pages.route("/loggkontroll/rundor/<uuid:round_id>", methods=["GET", "POST"])
def show(round_id: UUID) -> Response:
    """One round's items; an answer to one, or a question about it: the pressed button tells."""
    typed, here = forms.typed(), str(round_id)
    item_id = typed.value("item")
    if not typed.submitted:
        return _round_page(here, typed, item_id or request.args.get("valj", ""))
    if not forms.is_id(item_id):
        return _round_page(here, forms.untouched(), "", status=422)
    asking = bool(typed.value("ask"))
    said = _asked(item_id, typed) if asking else _judged(item_id, typed)
    if isinstance(said, list):
        return _round_page(here, typed.corrected_by(said), item_id, status=422)
    if isinstance(said, NotFound):
        return errors.not_found()
    place = url_for("rounds.show", round_id=round_id)
    if isinstance(said, AnsweredAlready):
        return answered_already.page_of(said, place, answered_already.ITEM)
    if isinstance(said, AskedAlready):
        return answered_already.page_of(said.first, place, answered_already.QUESTION)
    return notices.after(place, "round_asked" if asking else "round_answered")


def _asked(
    item_id: str, typed: forms.Typed
) -> list[Problem] | ItemAsked | AskedAlready | AnsweredAlready | NotFound:
    text = parse_reason(typed.value("question"), field="question")
    if isinstance(text, Problem):
        return [text]
    return ask_about_item(item_id, text, the_actor(), **the_hands())


def _judged(
    item_id: str, typed: forms.Typed
) -> list[Problem] | ItemAnswered | AnsweredAlready | NotFound:
    judged = parse_judgement(typed.texts())
    if isinstance(judged, list):
        return judged
    return answer_item(item_id, judged.verdict, judged.remark, the_actor(), **the_hands())


@pages.post("/loggkontroll/rundor/<uuid:round_id>/skriv-under")
def sign(round_id: UUID) -> Response:
    """Sign the round."""
    outcome = sign_round(str(round_id), the_actor(), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, RoundNotSigned):
        return notices.after(url_for("rounds.show", round_id=round_id), "round_unanswered")
    if isinstance(outcome, AnsweredAlready):
        place = url_for("rounds.show", round_id=round_id)
        return answered_already.page_of(outcome, place, answered_already.SIGNATURE)
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
        unlike=unlike_told(seen.unlike, the_site().work.law),
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
        unlike=unlike_told(opened.found.unlike, work.law) if opened.found else None,
        held_since=opened.found.held_since if opened.found else None,
    )


@pages.route("/fragor", methods=["GET", "POST"])
def questions() -> Response:
    """What reviewers have asked the visitor, with the form for one that waits."""
    typed = forms.typed()
    item_id = typed.value("item")
    if not typed.submitted:
        return _questions_page(typed, item_id or request.args.get("valj", ""))
    text = parse_reason(typed.value("reply"), field="reply")
    if isinstance(text, Problem) or not forms.is_id(item_id):
        problems = [text] if isinstance(text, Problem) else []
        return _questions_page(typed.corrected_by(problems), item_id, status=422)
    site, work = the_site(), the_site().work
    outcome = reply_to_question(
        item_id, text, the_actor(), at=site.clock(), store=work.store, rings=work.rings
    )
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, AnsweredAlready):
        return answered_already.page_of(outcome, url_for("rounds.questions"))
    return notices.after(url_for("rounds.questions"), "round_replied")


def _seen(round_id: str, *, report: bool) -> RoundSeen | NotFound:
    return see_round(round_id, the_actor(), part="report" if report else "items", **the_hands())


def _round_page(round_id: str, typed: forms.Typed, asked: str, *, status: int = 200) -> Response:
    seen = _seen(round_id, report=False)
    if isinstance(seen, NotFound):
        return errors.not_found()
    lines = item_lines(seen)
    to_do = [line.id for line in lines if not line.mine and not line.reviewer]
    shown, more = block_with(asked, [line.id for line in lines])
    open_here = [line.id for line in lines[shown] if line.id in to_do]
    return page.render(
        "round.html",
        status=status,
        typed=typed,
        round=seen.round,
        lines=lines[shown],
        later=shown.start > 0,
        more=more,
        left=len(to_do),
        theirs=len(seen.open_items) - len(to_do),
        can_be_signed=seen.can_be_signed,
        unlike=unlike_told(seen.unlike, the_site().work.law),
        # One form on the page, as under signals.
        open_form=asked if asked in open_here else next(iter(open_here), ""),
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
