"""A case goes when the log says that it was closed long ago, whatever its row says."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy

from app.domain.ids import INSTALLATION
from app.flows.close_case import CaseStateSet, set_case_state
from app.flows.purge import Purged
from app.records.audit_view import SeenEntry
from tests.flows.archive import FIVE, Archive
from tests.flows.by_hand import by_hand

YEARS = 5 * 365 + 3


def turn(archive: Archive, case: str, state: str) -> None:
    town = archive.town
    assert set_case_state(case, state, town.karin, **town.hands) == CaseStateSet(state)  # type: ignore[arg-type]


def last(archive: Archive, op: str) -> SeenEntry:
    return next(one for one in archive.town.entries()[::-1] if one.op == op)


@pytest.fixture
def case(archive: Archive) -> str:
    """A case with a note in it, begun five years and some days ago."""
    made = archive.town.case()
    archive.town.note(made)
    return made


def stays(archive: Archive, case: str, why: str) -> None:
    """The plan names the case and takes nothing of it, and so does the erasure of that plan."""
    plan = archive.plan()
    assert [(one.case.id, one.why) for one in plan.unheld] == [(case, why)]
    assert plan.empty
    told = archive.town.entries(INSTALLATION)[-1]
    assert told.op == "purge.planned"
    archive.purge(plan.code)
    with archive.town.store.engine.connect() as connection:
        left = sqlalchemy.text("SELECT count(*) FROM case_file WHERE id = :id")
        assert connection.execute(left, {"id": case}).scalar_one() == 1
    assert "case.erased" not in archive.town.ops()


LONG_AGO = "UPDATE case_file SET state = 'closed', closed_at = '2019-01-01 00:00:00.000000'"


def test_a_case_that_was_closed_today_does_not_go_by_a_row_that_says_long_ago(
    archive: Archive, case: str
) -> None:
    turn(archive, case, "closed")
    by_hand(archive.town, LONG_AGO)
    stays(archive, case, "other_day")


def test_a_case_that_nobody_closed_does_not_go_by_a_row_that_says_so(
    archive: Archive, case: str
) -> None:
    archive.town.later(days=YEARS)
    by_hand(archive.town, LONG_AGO)
    stays(archive, case, "open")


def test_nor_does_it_where_the_row_names_the_closing_of_another_case(
    archive: Archive, case: str
) -> None:
    other = archive.town.case(reference="SN 2026/0009")
    turn(archive, other, "closed")
    closing = last(archive, "case.closed")
    archive.town.later(days=YEARS)
    changed = (
        "UPDATE case_file SET state = 'closed', state_audit_id = :entry, "
        "closed_at = (SELECT closed_at FROM case_file WHERE id = :other) WHERE id = :case"
    )
    by_hand(archive.town, changed, entry=closing.id, other=other, case=case)
    plan = archive.plan()
    assert [one.case.id for one in plan.cases] == [other]
    assert [(one.case.id, one.why) for one in plan.unheld] == [(case, "open")]


def test_a_case_that_was_opened_again_does_not_go_by_a_row_that_says_closed(
    archive: Archive, case: str
) -> None:
    turn(archive, case, "closed")
    closed = last(archive, "case.closed")
    archive.town.later(days=YEARS)
    turn(archive, case, "open")
    back = "UPDATE case_file SET state = 'closed', closed_at = :at, state_audit_id = :entry"
    at = closed.at.strftime("%Y-%m-%d %H:%M:%S.%f")
    by_hand(archive.town, back, at=at, entry=closed.id)
    stays(archive, case, "open")


@pytest.mark.parametrize("op", ["case.reopened", "note.written"])
def test_taking_an_entry_out_of_the_index_does_not_hide_it(
    archive: Archive, case: str, op: str
) -> None:
    turn(archive, case, "closed")
    closed = last(archive, "case.closed")
    archive.town.later(days=YEARS)
    turn(archive, case, "open")
    back = "UPDATE case_file SET state = 'closed', closed_at = :at, state_audit_id = :entry"
    at = closed.at.strftime("%Y-%m-%d %H:%M:%S.%f")
    by_hand(archive.town, back, at=at, entry=closed.id)
    by_hand(archive.town, "DELETE FROM audit_view WHERE op = :op", op=op)
    stays(archive, case, "index")


def test_a_case_goes_by_the_entry_itself_when_what_it_told_has_been_erased(
    archive: Archive, case: str
) -> None:
    turn(archive, case, "closed")
    archive.seal()
    archive.town.later(days=YEARS)
    three = replace(FIVE, cases=(), log_years=3, log_basis="gallringsbeslut KS 2026 § 3")
    archive.purge(archive.plan(three).code, three)
    by_hand(archive.town, LONG_AGO)
    stays(archive, case, "other_day")


def test_the_same_case_goes_when_its_row_is_as_it_was(archive: Archive, case: str) -> None:
    turn(archive, case, "closed")
    archive.seal()
    archive.town.later(days=YEARS)
    three = replace(FIVE, cases=(), log_years=3, log_basis="gallringsbeslut KS 2026 § 3")
    archive.purge(archive.plan(three).code, three)
    plan = archive.plan()
    assert [one.case.id for one in plan.cases] == [case]
    assert archive.purge(plan.code) == Purged(1, 0)
