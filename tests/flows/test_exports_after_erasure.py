"""No export is handed out with what has been erased since it was written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy

from app.domain.ids import INSTALLATION
from app.domain.retention import CasePeriod, Retention
from app.flows import work_export as working
from app.flows.begin_log import begin_log
from app.flows.close_case import set_case_state
from app.flows.export_orders import ExportPage, list_exports, view_export
from app.flows.fetch_export import NotReady, fetch_export
from app.flows.install import Operator
from app.flows.not_found import NotFound
from app.flows.purge import Purged, PurgeReleased, plan_purge, purge
from app.flows.release_purge import PurgeProposed, propose_purge, release_purge
from app.flows.work_export import ExportReady, Gathering
from app.records.export_job import export_part
from audit.checkpoint import Checkpoint
from tests.flows.test_exporting import WHOLE, Desk, desk, rows, unzipped, verified
from tests.flows.town import hired, operator_of

__all__ = ["desk"]

NAMED = replace(WHOLE, staff_named=True, reasons_shown=True)

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
    plan = plan_purge(retention, operator, at=town.at, store=town.store, rings=town.rings)
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


def test_the_export_of_an_organisation_tells_who_proposed_and_released_what_was_erased(
    desk: Desk, old: str, tmp_path: Path
) -> None:
    town = desk.town
    one, other = (hired(town, name, "soc", "records_officer") for name in ("Eva Ek", "Bo Alm"))
    operator = operator_of(town)
    code = plan_purge(CASES, operator, at=town.at, store=town.store, rings=town.rings).code
    given = (CASES, operator)
    proposed = propose_purge(code, one.staff_id, *given, only=None, **town.hands)
    assert isinstance(proposed, PurgeProposed)
    released = release_purge(code, other.staff_id, *given, only=None, **town.hands)
    assert isinstance(released, PurgeReleased)
    purge(released, *given, at=town.at, store=town.store, rings=town.rings)
    data = desk.fetch(desk.make(NAMED))
    verified(data, desk, tmp_path)
    told = {row["act"]: row for row in rows(unzipped(data), "entries")}
    assert told["purge.proposed"]["staff"] == "Eva Ek"
    assert told["purge.released"]["staff"] == "Bo Alm"
    assert told["purge.released"]["detail"]["cases"] == 1
    assert told["purge.released"]["detail"]["plan"] == code == told["case.erased"]["detail"]["plan"]
    assert [op for op in town.ops("police") if op.startswith("purge.")] == []


@pytest.mark.parametrize("retention", [DETAILS, ENTRIES], ids=["details", "entries"])
def test_an_erasure_of_the_logs_own_is_told_to_every_organisation(
    desk: Desk, old: str, retention: Retention
) -> None:
    town = desk.town
    one = hired(town, "Eva Ek", "soc", "records_officer")
    operator = operator_of(town)
    code = plan_purge(retention, operator, at=town.at, store=town.store, rings=town.rings).code
    propose_purge(code, one.staff_id, retention, operator, only=None, **town.hands)
    for organisation in ("soc", "police", "school", INSTALLATION):
        assert town.ops(organisation).count("purge.proposed") == 1


def test_the_export_of_any_organisation_tells_that_the_log_was_begun_anew(
    desk: Desk, old: str, tmp_path: Path
) -> None:
    town, before = desk.town, Checkpoint("test.example/log", 3, bytes(32))
    hands = {"at": town.at, "store": town.store, "rings": town.rings}
    begin_log("test.example/log2", [before], "log-shrank", "KS § 7", operator_of(town), **hands)
    data = desk.fetch(desk.make(NAMED))
    verified(data, desk, tmp_path)
    [row] = [one for one in rows(unzipped(data), "entries") if one["act"] == "log.begun_anew"]
    assert row["about"] == {"log": "test.example/log2"}
    assert (row["detail"]["before"], row["detail"]["because"]) == ("test.example/log", "KS § 7")
    assert town.ops("police").count("log.begun_anew") == 1
