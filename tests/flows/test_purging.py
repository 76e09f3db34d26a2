"""What its time has run out for is gone, and the log still proves everything that it did."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy

from app.domain.ids import INSTALLATION
from app.domain.retention import CasePeriod, Retention
from app.domain.trail_search import TrailSearch
from app.flows import purge as purging
from app.flows.close_case import CaseStateSet, set_case_state
from app.flows.draw_round import RoundDrawn, draw_round
from app.flows.open_in_emergency import open_in_emergency
from app.flows.purge import PlanChanged, Purged
from app.flows.read_notes import read_notes
from app.flows.receive_delivery import register_delivery
from app.flows.review_trail import list_trails
from app.flows.seal_log import seal_log
from app.flows.search_trail import search_trail
from app.flows.trail_page import TrailFound
from app.flows.trail_rows import TrailRow
from app.records.audit_log import StoredLog, details_at
from app.records.audit_view import entries_of_case
from app.records.retention import reclaim
from app.records.schema import all_tables
from audit.check import Checked, NotChecked
from audit.log import stored_nodes
from audit.merkle import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from audit.signer import Refused
from tests.flows.archive import BASIS, Archive
from tests.flows.town import Town

TEN = Retention(log_years=10, log_basis="gallringsbeslut KS 2026 § 3")
SECRET = "Hemligt om Vera, som inte ska finnas kvar."


@pytest.fixture
def old(archive: Archive) -> str:
    """A case with everything in it, closed; five years and a day have gone."""
    town = archive.town
    case = town.case()
    note = town.note(case, text=SECRET)
    town.disclose(town.order(note))
    town.disclose(town.assessed(case, note))
    town.consent(case, "school")
    read_notes(case, [note], town.karin, **town.hands)
    assert set_case_state(case, "closed", town.karin, **town.hands) == CaseStateSet("closed")
    archive.seal()
    town.later(days=5 * 365 + 3)
    return case


def _rows_that_say(town: Town, word: str) -> dict[str, int]:
    """Rows by table in which the word stands anywhere."""
    found = {}
    with town.store.engine.connect() as connection:
        for name in all_tables().tables:
            rows = connection.execute(sqlalchemy.text(f'SELECT * FROM "{name}"'))  # noqa: S608
            if hits := sum(word in repr(tuple(row)) for row in rows):
                found[name] = hits
    return found


def test_the_dry_run_says_what_would_go_and_erases_nothing(archive: Archive, old: str) -> None:
    before = _rows_that_say(archive.town, old)
    plan = archive.plan()
    [one] = plan.cases
    assert (one.case.id, one.basis) == (old, BASIS)
    assert one.rows["note_version"] == one.rows["case_key"] == one.rows["case_file"] == 1
    assert one.entries == len([e for e in archive.town.entries() if e.case_id == old])
    assert _rows_that_say(archive.town, old) == before
    assert archive.town.ops(INSTALLATION)[-1] == "purge.planned"
    assert archive.verify().verified


def test_a_case_goes_with_its_key_and_every_root_stays(archive: Archive, old: str) -> None:
    town = archive.town
    with town.store.look(at=town.at) as tx:
        size = StoredLog(tx).head().n
        acted = [(e.n, e.staff_id, e.op) for e in entries_of_case(tx, old, organisation_id="soc")]
    root = archive.root(size)
    assert archive.purge(archive.plan().code) == Purged(1, 0)
    assert _rows_that_say(town, old) == {"audit_view": len(acted), "audit_counter": 1}
    assert archive.root(size) == root
    with town.store.look(at=town.at) as tx:
        left = entries_of_case(tx, old, organisation_id="soc")
        assert [(e.n, e.staff_id, e.op) for e in left] == acted, "who looked is still told"
        fields = {n: set(rows) for n, rows in details_at(tx, [n for n, _, _ in acted]).items()}
    assert set(map(frozenset, fields.values())) == {frozenset({"actor"})}
    assert town.ops()[-2:] == ["case.erased", "details.erased"]
    for scope in ({}, {"kind": "organisation", "of": "soc"}):
        report = archive.verify(**scope)
        assert report.verified, report.words()
        assert report.counts.erased == 2 * len(acted)


def test_what_the_recipient_got_is_the_recipients_and_stays(archive: Archive, old: str) -> None:
    with archive.town.store.engine.connect() as connection:
        counted = sqlalchemy.text("SELECT count(*) FROM delivery")
        before = connection.execute(counted).scalar_one()
        assert before == 1
    assert archive.purge(archive.plan().code) == Purged(1, 0)
    with archive.town.store.engine.connect() as connection:
        assert connection.execute(counted).scalar_one() == before
    delivery = _delivery(archive.town)
    register_delivery(delivery, "A 2031/7", archive.town.sara, **archive.town.hands)
    assert archive.town.ops("police")[-1] == "delivery.registered"


def _delivery(town: Town) -> str:
    with town.store.engine.connect() as connection:
        return str(connection.execute(sqlalchemy.text("SELECT id FROM delivery")).scalar_one())


def test_a_round_of_loggkontroll_stays_and_forgets_which_case_it_was(archive: Archive) -> None:
    town = archive.town
    case = town.case()
    note = town.note(case)
    read_notes(case, [note], town.karin, **town.hands)
    town.later(days=35)
    assert isinstance(draw_round(town.chief, seed=bytes(32), **town.hands), RoundDrawn)
    with town.store.engine.connect() as connection:
        counted = sqlalchemy.text("SELECT count(*), count(case_id) FROM review_item")
        items, of_a_case = connection.execute(counted).one()
    assert of_a_case > 0
    set_case_state(case, "closed", town.karin, **town.hands)
    town.later(days=2000)
    archive.purge(archive.plan().code)
    with town.store.engine.connect() as connection:
        assert tuple(connection.execute(counted).one()) == (items, 0)


def test_a_person_in_another_case_stays_and_one_in_no_other_goes(archive: Archive) -> None:
    town = archive.town
    case, other = town.case(), town.case(reference="SN 2026/2")
    shared = town.subject_of(case)
    with town.store.engine.begin() as connection:
        said = "UPDATE case_file SET subject_id = :s WHERE id = :c"
        connection.execute(sqlalchemy.text(said), {"s": shared, "c": other})
    set_case_state(case, "closed", town.karin, **town.hands)
    town.later(days=2000)
    archive.purge(archive.plan().code)
    assert _rows_that_say(town, shared)["subject"] == 1
    set_case_state(other, "closed", town.karin, **town.hands)
    town.later(days=2000)
    archive.purge(archive.plan().code)
    assert "subject" not in _rows_that_say(town, shared)


def test_details_that_go_without_an_entry_are_named(archive: Archive, old: str) -> None:
    town = archive.town
    n = next(e.n for e in town.entries() if e.op == "note.disclosed")
    archive.purge(archive.plan().code)
    with town.store.engine.begin() as connection:
        connection.execute(
            sqlalchemy.text("DELETE FROM audit_detail WHERE n = :n AND field = 'actor'"), {"n": n}
        )
    report = archive.verify()
    assert {(f.kind, f.index) for f in report.findings} == {("erased-without-entry", n)}


@pytest.mark.parametrize(
    ("days", "goes"), [(5 * 365 + 1, False), (5 * 365 + 2, True)], ids=["on the day", "day after"]
)
def test_five_years_are_five_years(archive: Archive, days: int, goes: bool) -> None:
    # Closed on 23 November 2026; 2028 is a leap year, so 23 November 2031 is 5 * 365 + 1 days on.
    town = archive.town
    case = town.case()
    set_case_state(case, "closed", town.karin, **town.hands)
    assert town.at.date() == date(2026, 11, 23)
    town.later(days=days)
    assert bool(archive.plan().cases) is goes


def test_an_open_case_and_a_kind_without_a_period_are_never_erased(archive: Archive) -> None:
    town = archive.town
    town.case()
    police = town.case(town.sara, reference="A 2026/1")
    set_case_state(police, "closed", town.sara, **town.hands)
    town.later(days=40_000)
    assert archive.plan().empty


def test_a_case_opened_in_an_emergency_waits_for_its_review(archive: Archive) -> None:
    town = archive.town
    case = town.case()
    open_in_emergency("SN 2026/0001", "Det brådskade.", town.per, token="", **town.hands)
    set_case_state(case, "closed", town.karin, **town.hands)
    town.later(days=2000)
    assert town.ops().count("emergency.opened") == 1
    assert archive.plan().empty


def test_another_plan_than_the_one_that_was_read_erases_nothing(archive: Archive, old: str) -> None:
    town = archive.town
    code = archive.plan().code
    assert set_case_state(old, "open", town.karin, **town.hands) == CaseStateSet("open")
    again = archive.purge(code)
    assert isinstance(again, PlanChanged)
    assert again.plan.empty
    assert "case_file" in _rows_that_say(town, old)


def test_a_case_that_is_opened_between_plan_and_erasure_stays(archive: Archive, old: str) -> None:
    code = archive.plan().code
    with patch.object(purging, "still_due", lambda tx, case: False):
        assert archive.purge(code) == Purged(0, 0)
    assert "case_file" in _rows_that_say(archive.town, old)


def test_killed_between_two_cases_the_rest_is_in_the_next_plan(archive: Archive) -> None:
    town = archive.town
    cases = [town.case(reference=f"SN 2026/{number}") for number in range(2)]
    for case in cases:
        set_case_state(case, "closed", town.karin, **town.hands)
    town.later(days=2000)
    code, erased = archive.plan().code, []
    whole = purging.erase_case

    def dies_at_the_second(tx: Any, case_id: str, **more: Any) -> Any:
        if erased:
            raise KeyboardInterrupt
        erased.append(case_id)
        return whole(tx, case_id, **more)

    with patch.object(purging, "erase_case", dies_at_the_second), pytest.raises(KeyboardInterrupt):
        archive.purge(code)
    assert [one.case.id for one in archive.plan().cases] == [c for c in cases if c not in erased]
    report = archive.verify()
    assert report.verified, report.words()


def test_old_details_go_below_one_index_for_all_and_each_part_still_verifies(
    archive: Archive,
) -> None:
    town = archive.town
    for number in range(3):
        town.case(reference=f"SN 2026/{number}")
        town.case(town.sara, reference=f"A 2026/{number}")
    archive.seal()
    town.later(days=10 * 365 + 5)
    list_trails(town.chief, **town.hands)
    plan = archive.plan(TEN)
    assert not plan.cases
    with town.store.look(at=town.at) as tx:
        size = StoredLog(tx).head().n
        was, earlier = StoredLog(tx).head().root(), archive.root(plan.below)
    with patch.object(purging, "STRIDE", 4):
        outcome = archive.purge(plan.code, TEN)
    assert outcome == Purged(0, plan.old_entries)
    assert plan.old_entries > 12
    with town.store.look(at=town.at) as tx:
        left = {row.n for row in StoredLog(tx).details(0, plan.below)}
        nodes = stored_nodes(StoredLog(tx))
        grown = consistency_proof(plan.below, size, nodes)
        assert verify_consistency(plan.below, size, earlier, was, grown)
        for leaf in StoredLog(tx).leaves(0, plan.below):
            path = inclusion_proof(leaf.n, size, nodes)
            assert verify_inclusion(leaf.leaf_hash, leaf.n, size, path, was)
        kept = [e for e in town.entries(INSTALLATION) if e.op.startswith(("installation", "pack"))]
        assert left == {e.n for e in kept}, "old decisions rest on these"
    old = [e for e in (*town.entries(), *town.entries("police")) if e.n < plan.below]
    assert len(old) > 5
    assert {(e.staff_id, e.case_id) for e in old} == {(None, None)}
    for scope in (
        {},
        {"kind": "organisation", "of": "soc"},
        {"kind": "organisation", "of": "police"},
        {"start": plan.below},
    ):
        report = archive.verify(**scope)
        assert report.verified, (scope, report.words())
    assert archive.plan(TEN).empty, "what is erased is not erased again"


def test_more_runs_than_one_entry_tells_are_told_in_several(archive: Archive) -> None:
    town = archive.town
    case = town.case()
    for _ in range(4):
        town.note(case)
        list_trails(town.chief, **town.hands)
    set_case_state(case, "closed", town.karin, **town.hands)
    town.later(days=2000)
    with patch.object(purging, "_RANGES", 2):
        archive.purge(archive.plan().code)
    assert town.ops().count("details.erased") == 3
    report = archive.verify()
    assert report.verified, report.words()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_brought_back_holds_the_case_is_not_signed_and_is_erased_again(
    archive: Archive, old: str
) -> None:
    town = archive.town
    file = str(town.store.engine.url.database)
    backup = sqlite3.connect(archive.folder / "backup.db")
    sqlite3.connect(file).backup(backup)
    assert archive.purge(archive.plan().code) == Purged(1, 0)
    archive.seal()
    assert archive.plan().empty
    town.store.engine.dispose()
    backup.backup(sqlite3.connect(file))
    assert isinstance(seal_log(archive.files, at=town.at, store=town.store), Refused)
    [again] = archive.plan().cases
    assert again.case.id == old
    assert archive.purge(archive.plan().code) == Purged(1, 0)
    assert "note_version" not in _rows_that_say(town, old)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_of_the_case_is_left_in_the_file(archive: Archive, old: str) -> None:
    town = archive.town
    with town.store.engine.connect() as connection:
        asked = sqlalchemy.text("SELECT body FROM note_version")
        sealed = connection.execute(asked).scalar_one()
        key = connection.execute(sqlalchemy.text("SELECT wrapped FROM case_key")).scalar_one()
    file = Path(str(town.store.engine.url.database))
    assert archive.purge(archive.plan().code) == Purged(1, 0)
    reclaim(town.store)
    left = b"".join(
        path.read_bytes() for path in (file, file.with_name(file.name + "-wal")) if path.exists()
    )
    assert sealed[:64] not in left
    assert key[:64] not in left
    assert sqlite3.connect(file).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_room_is_given_back_on_either_database(archive: Archive, old: str) -> None:
    archive.purge(archive.plan().code)
    reclaim(archive.town.store)
    assert archive.verify().verified


def test_on_a_leap_day_nothing_goes_too_early() -> None:
    period = Retention(cases=(CasePeriod(kind="SOC", years=5, basis=BASIS),))
    leap = datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert period.cases_before("SOC", leap) == datetime(2023, 2, 27, 23, tzinfo=UTC)
    assert period.cases_before("SOC", leap + timedelta(days=1)) == datetime(
        2023, 2, 28, 23, tzinfo=UTC
    )


def test_the_trail_shows_what_is_left_of_an_erased_case_as_verified(
    archive: Archive, old: str
) -> None:
    town = archive.town
    n = next(e.n for e in town.entries() if e.op == "note.disclosed")
    archive.purge(archive.plan().code)
    archive.seal()

    def row() -> TrailRow:
        found = search_trail(TrailSearch(), town.chief, log_keys=archive.keys, **town.hands)
        assert isinstance(found, TrailFound)
        return next(one for one in found.rows if one.entry.n == n)

    assert isinstance(row().check, Checked)
    assert (row().about, row().detail) == ({}, {})
    assert row().actor["staff"] == town.karin.staff_id
    with town.store.engine.begin() as connection:
        gone = sqlalchemy.text("DELETE FROM audit_detail WHERE n = :n AND field = 'actor'")
        connection.execute(gone, {"n": n})
    assert row().check == NotChecked("actor-missing"), "nobody has told that this was erased"
