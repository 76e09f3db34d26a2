"""Asking the law, disclosing and being refused, as every part of the tour does it."""

from __future__ import annotations

from typing import Literal

from app.domain.assessment import Assessment
from app.domain.disclosure import Circumstance, DisclosureOrder, Intent
from app.flows.consider_disclosure import Considered, consider_disclosure
from app.flows.disclose_note import Disclosed, NotDisclosed, disclose_note
from app.flows.receive_delivery import list_deliveries
from app.tour.casework import Written
from app.tour.stage import Stage
from app.tour.telling import TourWrong
from policies import Decision

SCHOOL, POLICE = "sunne-skola", "polisen-torsby"
_PURPOSES = {SCHOOL: "schooling", POLICE: "prevent_crime"}


def intent(written: Written, to: str) -> Intent:
    """Karin's note to the police or the school, each for its own purpose."""
    return Intent(
        note_id=written.note_id,
        version=written.version,
        recipient_id=to,
        purpose=_PURPOSES[to],
        initiative="own",
        circumstances=(
            Circumstance(
                subject_id=written.subject_id, fact="secrecy_towards_guardian", answer="no"
            ),
        ),
    )


def said(
    written: Written,
    statement: str,
    answer: Literal["yes", "no"],
    reasons: str,
    circumstances: str = "",
) -> Assessment:
    """One answer about the young person."""
    return Assessment(
        subject_id=written.subject_id,
        statement=statement,
        answer=answer,
        reasons=reasons,
        circumstances=circumstances,
    )


def ask(stage: Stage, written: Written, to: str) -> Decision:
    """Have the law answer, and print what it says."""
    karin = stage.as_("karin")
    considered = consider_disclosure(intent(written, to), karin, **stage.hands)
    (answer,) = stage.telling.got(considered, Considered).answers
    stage.law_said(answer.decision)
    return answer.decision.by_person[written.subject_id]


def disclose(stage: Stage, written: Written, to: str, *assessments: Assessment) -> Disclosed:
    """Karin discloses her note; it goes through."""
    karin = stage.as_("karin")
    order = DisclosureOrder(
        intent=intent(written, to), assessments=assessments, token=stage.token()
    )
    outcome = disclose_note(order, karin, **stage.hands)
    if isinstance(outcome, NotDisclosed) and outcome.decision is not None:
        stage.law_said(outcome.decision)
    return stage.telling.got(outcome, Disclosed)


def refused(stage: Stage, written: Written, to: str, *assessments: Assessment) -> Decision:
    """Karin tries to disclose her note; the law refuses, and what it says is printed."""
    karin = stage.as_("karin")
    order = DisclosureOrder(
        intent=intent(written, to), assessments=assessments, token=stage.token()
    )
    outcome = stage.telling.got(disclose_note(order, karin, **stage.hands), NotDisclosed)
    if outcome.decision is None:
        raise TourWrong(f"refused because of {outcome.reason}, and not by the law")
    stage.law_said(outcome.decision)
    return outcome.decision.by_person[written.subject_id]


def waiting_for(stage: Stage, username: str) -> tuple[str, ...]:
    """Ids of what stands under *Inkommet* for that person's organisation, latest first."""
    listed = list_deliveries(stage.as_(username), **stage.hands)
    return tuple(one.id for one in stage.telling.got(listed, tuple))
