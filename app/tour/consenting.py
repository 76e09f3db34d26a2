"""The tour's consent: recorded, relied on, withdrawn, and then relied on in vain."""

from __future__ import annotations

from datetime import timedelta

from app.domain.consent import ConsentTerms, Giver
from app.domain.legal_day import legal_day
from app.flows.record_consent import ConsentRecorded, Withdrawn, record_consent, withdraw_consent
from app.tour.casework import Written
from app.tour.orders import SCHOOL, ask, disclose, intent, refused, waiting_for
from app.tour.stage import Stage


def consent_and_withdraw(stage: Stage, written: Written) -> None:
    """A consent makes a disclosure lawful, and its withdrawal the next one not."""
    telling = stage.telling
    telling.step("Elliot and his guardians consent to the school; Karin records it and discloses")
    own = _consent(stage, written, "subject")
    _consent(stage, written, "guardian")
    decision = ask(stage, written, SCHOOL)
    telling.check(decision.outcome == "may", "with both consents the law allows it")
    disclose(stage, written, SCHOOL)
    stage.later(seconds=180)
    telling.check(len(waiting_for(stage, "anneli")) == 1, "it has arrived at the school")

    telling.step("Elliot withdraws his consent; the next disclosure is refused")
    karin = stage.as_("karin")
    outcome = withdraw_consent(written.case_id, own, karin, **stage.hands)
    withdrawn = telling.got(outcome, Withdrawn)
    telling.did(f"What the withdrawal does not undo: {withdrawn.already_arrived} has arrived.")
    telling.check(
        (withdrawn.stopped, withdrawn.already_arrived) == (0, 1),
        "what has arrived stays the school's own document",
    )
    decision = refused(stage, written, SCHOOL)
    suggested = {step.condition for way in decision.missing for step in way}
    telling.check(
        "subject_consent" not in suggested, "refused; the withdrawn consent is not asked for again"
    )


def _consent(stage: Stage, written: Written, giver: Giver) -> str:
    today = legal_day(stage.at)
    terms = ConsentTerms(
        subject_id=written.subject_id,
        giver=giver,
        answer="given",
        form="written",
        recipient_id=SCHOOL,
        category="K11",
        purpose=intent(written, SCHOOL).purpose,
        valid_from=today,
        valid_until=today + timedelta(days=30),
    )
    recorded = record_consent(
        written.case_id, terms, stage.as_("karin"), token=stage.token(), **stage.hands
    )
    return stage.telling.got(recorded, ConsentRecorded).consent_id
