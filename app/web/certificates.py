"""How the practice went, and the certificate for whoever asks for one.

Until it is asked for nothing is kept: the answers are in the address of one's own page. What is
kept then is how many, and by which rules; which answer was given is forgotten.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from app.domain.problem import Problem
from app.flows.certify_training import (
    TrainingNotCertified,
    certify_training,
    own_certificate,
)
from app.flows.not_found import NotFound
from app.web import errors, forms, notices, page
from app.web.site import the_hands, the_site
from app.web.training import case_title
from app.web.training_answers import read_given, written
from app.web.visitor import open_where_asked, the_actor
from policies.training import right_guess, training_cases, training_facts

pages = Blueprint("certificates", __name__)


@pages.get("/ova/intyg")
@open_where_asked
def result() -> Response:
    """What has been answered, and the button for a certificate once all is."""
    return _result(request.args.get("given", ""), forms.untouched())


@pages.post("/ova/intyg")
def certify() -> Response:
    """Keeps the certificate, and shows it."""
    typed = forms.typed()
    given = read_given(the_site().work.law, typed.value("given"))
    outcome = certify_training(given, the_actor(), token=typed.token, **the_hands())
    if isinstance(outcome, TrainingNotCertified):
        problem = Problem(field="given", code="cases_left", values={"left": outcome.left})
        return _result(written(given), typed.corrected_by((problem,)), status=422)
    shown = url_for("certificates.show", certificate_id=outcome.certificate_id)
    return notices.after(shown, "training_certified")


@pages.get("/ova/intyg/<uuid:certificate_id>")
def show(certificate_id: UUID) -> Response:
    """One's own certificate, as a page to print."""
    site, work, actor = the_site(), the_site().work, the_actor()
    found = own_certificate(
        str(certificate_id), actor, at=site.clock(), store=work.store, rings=work.rings
    )
    if isinstance(found, NotFound):
        return errors.not_found()
    return page.render(
        "training_certificate.html",
        certificate=found,
        name=actor.name,
        staff_title=actor.title,
        organisation=actor.organisation.name,
    )


def _result(text: str, typed: forms.Typed, *, status: int = 200) -> Response:
    law = the_site().work.law
    given = read_given(law, text)
    told = zip(training_cases(law), given, strict=True)
    rows = [
        (
            number,
            case_title(case.scenario),
            None if guess is None else guess == right_guess(law, training_facts(law, case)),
        )
        for number, (case, guess) in enumerate(told, start=1)
    ]
    visitor = g.get("visitor")
    return page.render(
        "training_result.html",
        status=status,
        typed=typed,
        given=written(given),
        rows=rows,
        left=sum(guess is None for guess in given),
        actor=visitor.actor if visitor else None,
    )
