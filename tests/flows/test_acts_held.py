"""No export is written over a delivery, an opening or a round that the log has otherwise."""

from __future__ import annotations

import pytest

from app.flows.draw_round import RoundDrawn, draw_round
from app.flows.file_delivery import Filed, file_delivery
from app.flows.open_in_emergency import OpenedInEmergency, open_in_emergency
from app.flows.receive_delivery import list_deliveries, register_delivery
from app.flows.rows_held import RowsDiffer
from app.flows.work_export import Gathering, WaitingForSeal
from tests.flows.by_hand import by_hand
from tests.flows.test_exporting import WHOLE, Desk, busy, desk

__all__ = ["busy", "desk"]


@pytest.fixture
def lived(desk: Desk, busy: str) -> Desk:
    """What was sent has arrived, a case was opened in an emergency, and a round was drawn."""
    town = desk.town
    opened = open_in_emergency(
        "SN 2026/0001", "Pojken är försvunnen i natt.", town.per, token="", **town.hands
    )
    assert isinstance(opened, OpenedInEmergency)
    town.later(seconds=130)
    (delivery,) = list_deliveries(town.sara, **town.hands)
    register_delivery(delivery.id, "A 2026/77", town.sara, **town.hands)
    own = town.case(town.sara, reference="A 2026/77")
    assert isinstance(file_delivery(delivery.id, own, "K17", town.sara, **town.hands), Filed)
    town.later(days=1)
    assert draw_round(town.chief, seed=bytes(32), **town.hands) == RoundDrawn()
    return desk


def step_through(desk: Desk) -> object:
    job = desk.order(WHOLE)
    desk.release(job)
    while isinstance(done := desk.step(job), Gathering):
        pass
    return done


def test_what_nobody_touched_is_exported(lived: Desk) -> None:
    assert isinstance(step_through(lived), WaitingForSeal)


ROWS = {
    "a delivery to another": "UPDATE delivery SET organisation_id = 'school'",
    "a copy of something else": "UPDATE delivery SET ct_hash = 'x'",
    "a delivery that arrived at another time": "UPDATE delivery SET arrives_at = '2020-01-01'",
    "a disclosure of another delivery": "UPDATE disclosure SET delivery_id = 'another'",
    "who opened": "UPDATE emergency_opening SET staff_id = :staff",
    "when it ends": "UPDATE emergency_opening SET ends_at = '2099-01-01'",
    "who stood behind it": "UPDATE emergency_opening SET confirmed_by = :staff, "
    "confirmed_at = asked_at, confirmed_audit_id = audit_id",
    "that it was reviewed": "UPDATE emergency_opening SET reviewed_by = :staff, "
    "verdict = 'justified', reviewed_at = asked_at, reviewed_audit_id = audit_id",
    "that it was opened": "DELETE FROM emergency_opening",
    "another draw": "UPDATE review_round SET seed = 'x'",
    "that a round was signed": "UPDATE review_round SET signed_by = :staff, "
    "signed_at = drawn_at, signed_audit_id = audit_id",
    "what was drawn": "DELETE FROM review_item",
    "what was answered": "UPDATE review_item SET answered_by = :chief, verdict = 'justified', "
    "answered_at = at, answered_audit_id = audit_id",
    "an answer kept with a refusal": "DELETE FROM answer",
}


@pytest.mark.parametrize("what", ROWS)
def test_no_export_is_written_over_an_act_that_the_log_has_otherwise(
    lived: Desk, what: str
) -> None:
    town = lived.town
    who = {"staff": town.karin.staff_id, "chief": town.chief.staff_id}
    values = {name: one for name, one in who.items() if f":{name}" in ROWS[what]}
    by_hand(town, ROWS[what], **values)
    with pytest.raises(RowsDiffer):
        step_through(lived)
    assert town.ops()[-1] == "export.rows_differ"
