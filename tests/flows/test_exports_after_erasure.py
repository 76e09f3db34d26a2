"""No export is handed out with what has been erased since it was written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy

from app.domain.ids import INSTALLATION
from app.domain.retention import CasePeriod, Retention
from app.flows import work_export as working
from app.flows.close_case import set_case_state
from app.flows.export_orders import ExportPage, list_exports, view_export
from app.flows.fetch_export import NotReady, fetch_export
from app.flows.install import Operator
from app.flows.not_found import NotFound
from app.flows.purge import Purged, PurgeReleased, plan_purge, purge
from app.flows.work_export import ExportReady, Gathering
from app.records.export_job import export_part
from tests.flows.test_exporting import WHOLE, Desk, desk, rows, unzipped, verified

__all__ = ["desk"]

CASES = Retention(cases=(CasePeriod(kind="SOC", years=5, basis="decision"),))
DETAILS = Retention(log_years=5, log_basis="decision")
ENTRIES = Retention(entries_years=5, entries_basis="decision")


@pytest.fixture
def old(desk: Desk) -> str:
    """A case that was closed more than five years ago, and another that goes on."""
    town = desk.town
    case = town.case()
    town.disclose(town.assessed(case, town.note(case)))
    set_case_state(case, "closed", town.karin, **town.hands)
    town.note(town.case(reference="SN 2026/0002"))
    desk.seal()
    town.later(days=5 * 365 + 30)
    return case


def erase(desk: Desk, retention: Retention) -> Purged:
    town = desk.town
    operator = Operator(name="arkivarien", ring=town.rings.current(INSTALLATION))
    plan = plan_purge(retention, operator, at=town.at, store=town.store)
    released = PurgeReleased(plan.code, "a proposal")
    done = purge(released, retention, operator, at=town.at, store=town.store, rings=town.rings)
    assert isinstance(done, Purged)
    return done


def kept(desk: Desk) -> int:
    with desk.town.store.engine.connect() as connection:
        counted = sqlalchemy.select(sqlalchemy.func.count()).select_from(export_part)
        return int(connection.execute(counted).scalar_one())


def finished(desk: Desk, job: str) -> bytes:
    while isinstance(desk.step(job), Gathering):
        pass
    desk.seal()
    assert isinstance(desk.step(job), ExportReady)
    return desk.fetch(job)


@pytest.mark.parametrize("retention", [CASES, DETAILS, ENTRIES], ids=["case", "details", "entries"])
def test_an_export_that_waits_is_written_anew_without_what_was_erased(
    desk: Desk, old: str, retention: Retention, tmp_path: Path
) -> None:
    job = desk.make()
    before = rows(unzipped(desk.fetch(job)), "entries")
    assert any(row["act"] == "note.disclosed" and row["detail"] for row in before)
    erase(desk, retention)
    assert kept(desk) == 0, "nothing of it is left to hand out"
    assert "export.begun_again" in desk.town.ops()
    page = view_export(job, desk.orders, **desk.town.hands)
    assert isinstance(page, ExportPage)
    assert (page.job.state, page.job.begun_again, page.job.sha256) == ("released", True, "")
    assert isinstance(fetch_export(job, desk.orders, **desk.town.hands), NotReady)
    assert desk.town.ops()[-1] == "export.fetch_refused"
    data = finished(desk, job)
    verified(data, desk, tmp_path)
    after = rows(unzipped(data), "entries")
    assert not any(row["act"] == "note.disclosed" and row["detail"] for row in after)


def test_what_was_gathered_before_is_not_written_out_after(
    desk: Desk, old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "STRETCH", 5)
    job = desk.order()
    desk.release(job)
    assert isinstance(desk.step(job), Gathering)
    assert kept(desk) == 1
    erase(desk, CASES)
    assert kept(desk) == 0
    assert rows(unzipped(finished(desk, job)), "decisions") == []


def test_an_export_of_the_case_goes_with_it_and_the_log_says_so(desk: Desk, old: str) -> None:
    job = desk.make(replace(WHOLE, kind="case", case_id=old))
    erase(desk, CASES)
    assert kept(desk) == 0
    hands = desk.town.hands
    assert isinstance(view_export(job, desk.orders, **hands), NotFound)
    listed = list_exports(desk.orders, **hands)
    assert not isinstance(listed, NotFound)
    assert listed.jobs == ()
    told = [op for op in desk.town.ops() if op.startswith(("export.w", "case.e"))]
    assert told == ["export.written", "export.withdrawn", "case.erased"]


def test_an_export_of_another_time_waits_as_it_was(desk: Desk, old: str) -> None:
    day = desk.town.at.date()
    job = desk.make(replace(WHOLE, day_from=day, day_until=day))
    before = desk.fetch(job)
    erase(desk, CASES)
    assert desk.fetch(job) == before
