"""The tour at the gate: refused, assessed, disclosed, stopped, and disclosed again."""

from __future__ import annotations

from app.flows.stop_delivery import Stopped, TooLate, stop_delivery
from app.tour.casework import Written
from app.tour.orders import POLICE, SCHOOL, ask, disclose, refused, said, waiting_for
from app.tour.stage import Stage
from policies import Decision

RISK, SUITABLE, HARM = "risk_of_crime", "not_inappropriate", "clear_no_harm"


def meet_the_gate(stage: Stage, written: Written) -> None:
    """Towards the police assessments are missing; towards the school, consent.

    Law: OSL 10 kap. 18 a §, 12 kap. 2 §
    """
    telling = stage.telling
    telling.step("Karin tries to disclose the note to the police: assessments are missing")
    missing = _ways(refused(stage, written, POLICE))
    risk, suitable = (stage.house.law.text(name, "en") for name in (RISK, SUITABLE))
    telling.check(
        {RISK, SUITABLE} in missing,
        f"refused; missing for OSL 10 kap. 18 a § are the assessments that {risk}, and that "
        f"{suitable}",
    )

    telling.step("Karin tries to disclose it to the school: consent is needed")
    telling.did("She has assessed that it is not clear that he suffers no harm from it.")
    no = said(written, HARM, "no", "Skolan kan dra slutsatser av det som drabbar honom.")
    decision = refused(stage, written, SCHOOL, no)
    telling.check(
        bool(decision.missing)
        and all(any(step.kind == "consent" for step in way) for way in decision.missing),
        "refused; every way left holds a consent, and the harm test is not suggested again",
    )


def disclose_and_stop(stage: Stage, written: Written) -> None:
    """The assessments are recorded; one disclosure is stopped within the undo time."""
    telling = stage.telling
    telling.step("Karin records the assessments that the law leaves to her, and discloses")
    made = disclose(
        stage,
        written,
        POLICE,
        said(
            written,
            RISK,
            "yes",
            "Flera iakttagelser av olika personer pekar åt samma håll.",
            "Fältarbetarna såg honom lämna en påse till en bil två kvällar i rad kl. 21.40.",
        ),
        said(written, SUITABLE, "yes", "Insatserna störs inte, och han vet om det."),
    )
    undo = made.arrives_at - stage.at
    decision = ask(stage, written, POLICE)
    telling.check(decision.outcome == "may", "the law allows it, and she has decided")
    telling.check(undo.total_seconds() == 120, "it is on its way for two minutes (undo time)")

    telling.step("Karin stops it within the undo time")
    karin = stage.as_("karin")
    telling.got(stop_delivery(made.disclosure_id, karin, **stage.hands), Stopped)
    stage.later(seconds=600)
    telling.check(waiting_for(stage, "sara") == (), "ten minutes later the police have nothing")


def disclose_again(stage: Stage, written: Written) -> str:
    """What was assessed still holds; this time it arrives. Returns the delivery's id."""
    telling = stage.telling
    telling.step("Karin discloses it again, and lets the undo time pass")
    made = disclose(stage, written, POLICE)
    telling.did("Her assessments hold for this note, recipient and purpose, and no other.")
    telling.check(waiting_for(stage, "sara") == (), "within the undo time the police see nothing")
    stage.later(seconds=120)
    arrived = waiting_for(stage, "sara")
    telling.check(len(arrived) == 1, "after it, one delivery stands under Inkommet")
    karin = stage.as_("karin")
    telling.got(stop_delivery(made.disclosure_id, karin, **stage.hands), TooLate)
    telling.check(
        waiting_for(stage, "sara") == arrived,
        "it cannot be stopped any more: it is the police's own document",
    )
    return arrived[0]


def _ways(decision: Decision) -> list[set[str]]:
    return [{step.condition for step in way} for way in decision.missing]
