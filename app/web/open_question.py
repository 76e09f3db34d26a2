"""*Får jag dela?*: what the law answers to whoever only asks. Guidance from rules, no decision.

Everything asked is in the address, as codes. Nothing is kept and no entry is written, because
nobody is asked about: there is no case, no note and no person. Law: OSL 8 kap. 1 §
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g, redirect, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.domain.legal_day import legal_day
from app.domain.problem import Problem
from app.web import page
from app.web.answer_advice import Advice, advice
from app.web.answer_words import AnswerView, open_view
from app.web.forms import Typed
from app.web.law_words import kind_label
from app.web.question_form import question_form, told
from app.web.site import the_site
from app.web.visitor import open_where_asked
from policies import Law, decide
from policies.coded import facts_of_codes, known_fields, wrong_codes

pages = Blueprint("open_question", __name__)

NEEDED = ("from", "to", "category")
"""What must be chosen before the law can be asked anything."""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One question with its answer."""

    asked: list[tuple[str, str]]
    view: AnswerView
    advice: Advice


@pages.get("/fraga")
@open_where_asked
def ask() -> Response:
    """The form, and below what has been chosen the answer. The address is the question."""
    law = the_site().work.law
    given = request.args.to_dict(flat=True)
    codes = known_fields(law, given)
    left = [Problem(field=one, code="not_chosen") for one in NEEDED if given.get(one) == ""]
    if left:
        return _page(law, codes, _typed(codes).corrected_by(left), status=422)
    if codes != given or len(request.args) != sum(1 for _ in request.args.items(multi=True)):
        return redirect(url_for("open_question.ask", **codes), 303)  # type: ignore[arg-type]
    wrong = wrong_codes(law, codes)
    if wrong:
        problems = tuple(Problem(field=one.field, code=one.code) for one in wrong)
        usable = {name: code for name, code in codes.items() if name not in dict(wrong)}
        return _page(law, usable, _typed(codes).corrected_by(problems), status=422)
    return _page(law, codes, _typed(codes))


def _typed(codes: dict[str, str]) -> Typed:
    return Typed(fields=MultiDict(codes), submitted=False, once="")


def _page(law: Law, codes: dict[str, str], typed: Typed, *, status: int = 200) -> Response:
    today = legal_day(the_site().clock())
    complete = not typed.problems and all(name in codes for name in NEEDED)
    facts = facts_of_codes(law, codes, today=today) if complete else None
    decision = decide(law, facts) if facts is not None else None
    answered = None
    if facts is not None and decision is not None:
        person = str(gettext("personen"))
        view = open_view(law, facts, decision, label=person, to=kind_label(codes["to"]))
        answered = Answered(asked=told(law, codes), view=view, advice=advice(law, view))
    form = question_form(law, codes, facts, decision)
    return page.render(
        "ask.html",
        status=status,
        typed=_with_own_kind(typed),
        codes=codes,
        form=form,
        nothing_special={**codes, **{one.name: one.code for one in form.plain}},
        answered=answered,
        on=facts.on if facts is not None else today,
        pack=f"{law.id} {law.version}",
    )


def _with_own_kind(typed: Typed) -> Typed:
    """Staff begin from their own organisation's kind; they can change it."""
    visitor = g.get("visitor")
    actor = visitor.actor if visitor else None
    return typed.starting_with({"from": actor.organisation.kind}) if actor else typed
