"""Consents: recorded, listed, withdrawn.

Law: OSL 10 kap. 1 §, 12 kap. 2 §, FB 6 kap. 11, 13 §§
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.domain.consent import Consent, parse_consent
from app.domain.legal_day import legal_day
from app.flows.list_consents import list_consents
from app.flows.not_found import NotFound
from app.flows.record_consent import ConsentNotRecorded, record_consent, withdraw_consent
from app.flows.view_case import CasePage
from app.web import cases, errors, forms, notices, page
from app.web.consent_words import consent_line
from app.web.law_words import category_choices, purpose_choices, vocabulary
from app.web.person_words import person_choices
from app.web.site import the_hands, the_site
from app.web.visitor import the_actor

pages = Blueprint("consents", __name__)


@pages.get("/samtycken")
def index() -> Response:
    """The consents in the visitor's own cases, those that end soonest first."""
    site, actor = the_site(), the_actor()
    at, work = site.clock(), site.work
    on = legal_day(at)
    found = list_consents(actor, at=at, store=work.store, rings=work.rings)
    lines = []
    for one in found.consents:
        young = found.subject(one)
        about = young if young.id == one.terms.subject_id else None
        lines.append(consent_line(one, about, found.organisations, on=on, at=at))
    return page.render(
        "consents.html",
        in_force=[line for line in lines if line.can_be_withdrawn],
        past=[line for line in lines if not line.can_be_withdrawn],
        cases={case_id: line.case for case_id, line in found.cases.items()},
    )


@pages.route("/arenden/<uuid:case_id>/samtycke", methods=["GET", "POST"])
def record(case_id: UUID) -> Response:
    """One answer to one question of consent: yes or no, to whom, about what, until when."""
    typed = forms.typed()
    found = cases.seen(str(case_id))
    if isinstance(found, NotFound):
        return errors.not_found()
    if not typed.submitted:
        return _record_page(found, typed)
    actor, site, work = the_actor(), the_site(), the_site().work
    at = site.clock()
    terms = parse_consent(
        typed.texts(),
        subjects={one.subject.id for one in found.persons},
        recipients=found.organisations.keys() - {actor.organisation_id},
        categories={code for code, _ in category_choices(actor.organisation.kind)},
        purposes=vocabulary().purposes,
        on=legal_day(at),
    )
    if isinstance(terms, list):
        return _record_page(found, typed.corrected_by(terms), status=422)
    outcome = record_consent(
        str(case_id),
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
    if isinstance(outcome, ConsentNotRecorded):
        return _record_page(found, typed.corrected_by(outcome.problems), status=422)
    return notices.after(url_for("cases.show", case_id=case_id), "consent_recorded")


@pages.route(
    "/arenden/<uuid:case_id>/samtycke/<uuid:consent_id>/aterkalla", methods=["GET", "POST"]
)
def withdraw(case_id: UUID, consent_id: UUID) -> Response:
    """Asks first and says what it does not undo; says it again when it is done."""
    if not forms.typed().submitted:
        return _withdraw_page(str(case_id), str(consent_id))
    outcome = withdraw_consent(str(case_id), str(consent_id), the_actor(), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    # The page counts again what the flow counted, so that loading it again says the same.
    here = url_for("consents.withdraw", case_id=case_id, consent_id=consent_id)
    return notices.after(here, "consent_withdrawn")


def _record_page(found: CasePage, typed: forms.Typed, *, status: int = 200) -> Response:
    actor = the_actor()
    others = [one for one in found.organisations.values() if one.id != actor.organisation_id]
    return page.render(
        "record_consent.html",
        status=status,
        typed=typed,
        case=found.case,
        persons=person_choices(found.persons),
        recipients=[(one.id, one.name) for one in sorted(others, key=lambda one: one.name)],
        categories=category_choices(actor.organisation.kind),
        purposes=purpose_choices(),
        givers=[
            ("subject", str(gettext("Personen själv"))),
            ("guardian", str(gettext("Vårdnadshavarna, alla som ska bestämma"))),
        ],
        answers=[
            ("given", str(gettext("Ja, samtycker"))),
            ("refused", str(gettext("Nej, samtycker inte"))),
        ],
        written=[
            ("written", str(gettext("Skriftligt"))),
            ("oral", str(gettext("Muntligt"))),
        ],
    )


def _withdraw_page(case_id: str, consent_id: str) -> Response:
    site = the_site()
    at, found = site.clock(), cases.seen(case_id, part=consent_id)
    if isinstance(found, NotFound):
        return errors.not_found()
    consent = next((one for one in found.consents if one.id == consent_id), None)
    if consent is None or consent.terms.answer != "given":
        return errors.not_found()
    subject = next(
        (one.subject for one in found.persons if one.subject.id == consent.terms.subject_id), None
    )
    resting = [one for one in found.disclosures if consent.id in one.consents]
    return page.render(
        "withdraw_consent.html",
        typed=forms.untouched(),
        case=found.case,
        consent=consent_line(consent, subject, found.organisations, on=legal_day(at), at=at),
        on_their_way=sum(one.state(at) == "on_its_way" for one in resting),
        stopped=sum(_stopped_by(consent, one.stopped_at) for one in resting),
        arrived=sum(one.state(at) == "arrived" for one in resting),
    )


def _stopped_by(consent: Consent, stopped_at: object) -> bool:
    """Stopped by the withdrawal: it marks what it stops with its own instant."""
    return stopped_at is not None and stopped_at == consent.withdrawn_at
