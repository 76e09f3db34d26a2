"""Everything that reads the log goes on after a case, and after old details, are gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from app.domain.ids import INSTALLATION
from app.domain.retention import CasePeriod, Retention
from app.domain.trail_search import TrailSearch
from app.flows.close_case import set_case_state
from app.flows.disclosure_register import read_processing_record, read_register
from app.flows.draw_round import draw_round
from app.flows.incident_pack import PackMade
from app.flows.install import Operator
from app.flows.list_approvals import list_approvals
from app.flows.list_cases import list_cases
from app.flows.list_consents import list_consents
from app.flows.list_decisions import list_decisions
from app.flows.not_found import NotFound
from app.flows.purge import Purged, PurgeReleased, plan_purge, purge
from app.flows.read_notes import read_notes
from app.flows.receive_delivery import list_deliveries, open_delivery
from app.flows.review_emergency import see_openings
from app.flows.review_signals import see_signals
from app.flows.review_trail import list_trails
from app.flows.search_trail import search_trail
from app.flows.view_case import view_case
from app.records.refusal import refusal
from tests.flows.test_exporting import Desk, desk, verified
from tests.flows.test_incident import make, table
from tests.flows.town import Town

__all__ = ["desk"]

BEGAN = date(2026, 1, 1)
ERASURES = {
    "a case": Retention(cases=(CasePeriod(kind="SOC", years=5, basis="decision"),)),
    "old details": Retention(log_years=5, log_basis="decision"),
    "both": Retention(
        cases=(CasePeriod(kind="SOC", years=5, basis="decision"),),
        log_years=5,
        log_basis="decision",
    ),
}


@pytest.fixture(params=["both"])
def erased(request: pytest.FixtureRequest, town: Town) -> Town:
    """One case that was closed and one that goes on; then years pass, and something is erased."""
    for number in range(2):
        case = town.case(reference=f"SN 2026/{number}")
        note = town.note(case)
        town.disclose(town.order(note))
        town.disclose(town.assessed(case, note))
        town.consent(case, "school")
        read_notes(case, [note], town.karin, **town.hands)
        if number == 0:
            set_case_state(case, "closed", town.karin, **town.hands)
    town.later(days=5 * 365 + 30)
    retention = ERASURES[request.param]
    operator = Operator(name="arkivarien", ring=town.rings.current(INSTALLATION))
    plan = plan_purge(retention, operator, at=town.at, store=town.store, rings=town.rings)
    released = PurgeReleased(plan.code, "a proposal")
    outcome = purge(released, retention, operator, at=town.at, store=town.store, rings=town.rings)
    assert isinstance(outcome, Purged)
    return town


READINGS: dict[str, Callable[[Town], Any]] = {
    "own cases": lambda t: list_cases(t.karin, at=t.at, store=t.store, rings=t.rings),
    "consents": lambda t: list_consents(t.karin, at=t.at, store=t.store, rings=t.rings),
    "approvals": lambda t: list_approvals(t.chief, **t.hands),
    "trails": lambda t: list_trails(t.chief, **t.hands),
    "signals": lambda t: see_signals(t.chief, **t.hands),
    "emergency openings": lambda t: see_openings(t.chief, **t.hands),
    "register": lambda t: read_register(BEGAN, t.at.date(), t.officer, whole=True, **t.hands),
    "decisions": lambda t: list_decisions(
        t.chief, since=BEGAN, until=t.at.date(), form="page", **t.hands
    ),
    "record of processing": lambda t: read_processing_record(t.officer, **t.hands),
    "a round": lambda t: draw_round(t.chief, seed=bytes(32), **t.hands),
    "what arrived": lambda t: list_deliveries(t.sara, **t.hands),
}


@pytest.mark.parametrize("erased", ERASURES, indirect=True)
def test_everything_is_read_as_before(erased: Town) -> None:
    for reading, read in READINGS.items():
        assert not isinstance(read(erased), NotFound), reading


def test_the_recipient_opens_what_it_got(erased: Town) -> None:
    for line in list_deliveries(erased.sara, **erased.hands):
        assert not isinstance(open_delivery(line.id, erased.sara, **erased.hands), NotFound)


def test_the_case_that_goes_on_is_whole(erased: Town) -> None:
    lines = list_cases(erased.karin, at=erased.at, store=erased.store, rings=erased.rings)
    going = next(line for line in lines if line.case.reference == "SN 2026/1")
    page = view_case(going.case.id, erased.karin, **erased.hands)
    assert not isinstance(page, NotFound)
    assert len(page.notes) == 1


def test_the_trail_is_searched(erased: Town, desk: Desk) -> None:
    desk.seal()
    found = search_trail(TrailSearch(), erased.chief, log_keys=desk.worker.log_keys, **erased.hands)
    assert not isinstance(found, NotFound)
    assert found.rows


def test_what_was_refused_in_the_case_is_gone_with_it_and_no_more(erased: Town) -> None:
    """One refusal in each case; what it rested on is as much about the person as the note."""
    with erased.store.engine.begin() as connection:
        left = connection.execute(sqlalchemy.select(refusal.c.case_id)).scalars().all()
    (going,) = list_cases(erased.karin, at=erased.at, store=erased.store, rings=erased.rings)
    assert left == [going.case.id]


def test_an_export_is_made_and_verifies(erased: Town, desk: Desk, tmp_path: Path) -> None:
    report = verified(desk.fetch(desk.make()), desk, tmp_path)
    assert report.counts.erased > 0


def test_an_incident_pack_is_made(erased: Town, tmp_path: Path) -> None:
    made = make(erased, tmp_path / "pack", organisation_id="soc")
    assert isinstance(made, PackMade)
    assert table(made.folder, "who.csv")
