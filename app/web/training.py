"""*Öva*: told cases where staff answer first and the rules answer after, with why.

What somebody answers is in the address of their own page and nowhere else: nothing is kept, no
entry is written, nobody is named, until they ask for a certificate (`certificates.py`).
Law: OSL 8 kap. 1 §, 10 kap.
"""

from __future__ import annotations

from flask import Blueprint, request
from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.domain.problem import Problem
from app.web import errors, page
from app.web.answer_advice import advice
from app.web.answer_words import open_view
from app.web.forms import Typed
from app.web.law_words import kind_label, label
from app.web.site import cases_in_use, the_site
from app.web.training_answers import read_given, with_answer, written
from app.web.visitor import open_where_asked
from policies import decide
from policies.coded import codes_of_facts
from policies.training import (
    GUESSES,
    packaged_training,
    right_guess,
    scenario_of,
    training_cases,
    training_facts,
)

pages = Blueprint("training", __name__)

GUESS_WORDS: dict[str, LazyString] = {
    "must": lazy_gettext("Ska lämnas ut: en skyldighet gäller"),
    "may": lazy_gettext("Kan lämnas ut: en bestämmelse öppnar, och jag avgör"),
    "consent": lazy_gettext("Kräver samtycke"),
    "no": lazy_gettext("Får inte lämnas ut"),
}


@pages.get("/ova")
@open_where_asked
def index() -> Response:
    """The cases, in order."""
    law = the_site().work.law
    cases = training_cases(law)
    return page.render(
        "training.html",
        titles=[case_title(one.scenario) for one in cases],
        given=written(read_given(law, request.args.get("given", ""))),
        own_pack=law.sha256 != the_site().work.active.packaged.sha256,
        left_out=len(packaged_training()) - len(cases),
    )


@pages.get("/ova/<int:number>")
@open_where_asked
def case(number: int) -> Response:
    """One case: the story first; once answered, what the rules say and why."""
    law = the_site().work.law
    cases = training_cases(law)
    if not 1 <= number <= len(cases):
        return errors.not_found()
    told = cases[number - 1]
    guess = request.args.get("answer", "")
    typed = Typed(fields=MultiDict({"answer": guess}), submitted=False, once="")
    given = read_given(law, request.args.get("given", ""))
    unanswered = bool(request.args.keys() - {"given"}) and guess not in GUESSES
    if unanswered:
        typed = typed.corrected_by((Problem(field="answer", code="choose_guess"),))
    facts = training_facts(law, told)
    view = open_view(
        law,
        facts,
        decide(law, facts),
        label=str(gettext("personen")),
        to=kind_label(facts.recipient.kind),
    )
    answered = guess in GUESSES
    if guess in GUESSES:
        given = with_answer(given, number, guess)
    return page.render(
        "training_case.html",
        status=422 if unanswered else 200,
        typed=typed,
        number=number,
        count=len(cases),
        given=written(given),
        title=case_title(told.scenario),
        story=label(told),
        choices=[(code, str(GUESS_WORDS[code])) for code in GUESSES],
        answered=answered,
        right=answered and guess == right_guess(law, facts),
        guess=str(GUESS_WORDS[guess]) if answered else "",
        view=view,
        advice=advice(law, view) if answered else None,
        codes=codes_of_facts(law, facts),
        scenario=scenario_of(told),
        in_pack=told.scenario in {one.id for one in cases_in_use().all},
    )


def case_title(scenario_id: str) -> str:
    """What the list calls a case: who asks whom, never what the answer is."""
    told = next(one for one in packaged_training() if one.scenario == scenario_id)
    facts = training_facts(the_site().work.law, told)
    return str(
        gettext(
            "%(sender)s och %(recipient)s",
            sender=kind_label(facts.sender.kind),
            recipient=kind_label(facts.recipient.kind),
        )
    )
