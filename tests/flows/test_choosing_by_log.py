"""What is chosen by the index of entries is held against the log first: nothing is missing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.extract_order import ExtractOrder
from app.domain.trail_search import TrailSearch
from app.flows import search_trail as searching
from app.flows.draw_round import RoundDrawn, draw_round
from app.flows.incident_pack import NoPack, PackMade
from app.flows.open_in_emergency import open_in_emergency
from app.flows.read_notes import read_notes
from app.flows.receive_delivery import Registered, list_deliveries, register_delivery
from app.flows.release_extract import ExtractHeldBack, ExtractReleased, release_extract
from app.flows.review_signals import SignalsSeen, see_signals
from app.flows.search_trail import search_trail
from app.flows.see_round import RoundSeen, RoundsSeen, see_round, see_rounds
from app.flows.trail_page import TrailFound
from audit.check import NotChecked
from tests.flows.by_hand import by_hand
from tests.flows.test_exporting import Desk, busy, desk
from tests.flows.test_held_to_log import CHANGES, GONE, change, index_of
from tests.flows.test_incident import make

__all__ = ["busy", "desk"]

OTHERS = {
    "another case": "UPDATE audit_view SET case_id = NULL WHERE n = :n",
    "another organisation": "UPDATE audit_view SET organisation_id = 'police' WHERE n = :n",
    "gone": GONE,
}
FORGERIES = [*CHANGES, *OTHERS]


def forge(desk: Desk, name: str, n: int) -> None:
    if name in CHANGES:
        change(desk, name, n)
    else:
        by_hand(desk.town, OTHERS[name], n=n)


@pytest.fixture
def read(desk: Desk, busy: str) -> int:
    """The index of an entry by which Karin read a note in the case."""
    town = desk.town
    read_notes(busy, [town.note(busy)], town.karin, **town.hands)
    return index_of(desk, "note.read")


def search(desk: Desk, **fields: object) -> TrailFound:
    found = search_trail(
        TrailSearch(**fields),  # type: ignore[arg-type]
        desk.town.chief,
        log_keys=desk.worker.log_keys,
        **desk.town.hands,
    )
    assert isinstance(found, TrailFound)
    return found


def test_a_search_over_an_index_that_nobody_touched_says_nothing(desk: Desk, read: int) -> None:
    found = search(desk, act="read")
    assert (found.unlike.count, found.held_since) == (0, None)


@pytest.mark.parametrize("name", FORGERIES)
def test_a_search_tells_which_entry_the_index_errs_on_and_what_it_says(
    desk: Desk, read: int, name: str
) -> None:
    [before] = [row.entry for row in search(desk, act="read").rows if row.entry.n == read]
    forge(desk, name, read)
    found = search(desk, act="read", staff_id=desk.town.karin.staff_id)
    assert (found.unlike.count, found.unlike.indices) == (1, (read,))
    assert found.unlike.found is not None
    [row] = found.unlike.found.rows
    assert row.entry == before
    assert row.check == NotChecked("index-lacks" if name == "gone" else "index-differs")


def test_the_log_is_told_how_many_differed(desk: Desk, read: int) -> None:
    forge(desk, "gone", read)
    search(desk)
    [row, *_] = search(desk, act="reviewed").rows
    assert (row.entry.op, row.detail["unlike"]) == ("trail.searched", 1)


def test_what_another_registered_is_held_too(desk: Desk, busy: str) -> None:
    town = desk.town
    town.later(minutes=10)
    [arrived] = list_deliveries(town.sara, **town.hands)  # type: ignore[misc]
    registered = register_delivery(arrived.id, "A 2026/77", town.sara, **town.hands)
    assert registered == Registered(arrived.id)
    assert search(desk).unlike.count == 0
    n = [one.n for one in town.entries("police") if one.op == "delivery.registered"][-1]
    by_hand(desk.town, GONE, n=n)
    found = search(desk)
    assert found.unlike.indices == (n,)
    assert found.unlike.found is not None
    [row] = found.unlike.found.rows
    assert row.receipt
    assert row.entry.staff_id is None


def test_anothers_entry_that_differs_is_not_told_here(desk: Desk, busy: str) -> None:
    town = desk.town
    list_deliveries(town.sara, **town.hands)
    n = [one.n for one in town.entries("police") if one.op == "delivery.listed"][-1]
    by_hand(desk.town, GONE, n=n)
    assert search(desk).unlike.count == 0


def test_a_search_over_more_than_it_can_hold_says_from_when_it_did(
    desk: Desk, read: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge(desk, "gone", read)
    monkeypatch.setattr(searching, "MOST_HELD", 3)
    desk.town.later(days=1)
    for _ in range(3):
        search(desk)
    found = search(desk, act="read")
    assert found.unlike.count == 0
    assert found.held_since == desk.town.at
    # What is younger is left out, and the time before it is then held whole.
    monkeypatch.setattr(searching, "MOST_HELD", 20_000)
    assert search(desk, act="read", until=desk.town.at - timedelta(hours=1)).unlike.count == 1


@pytest.fixture
def opened(desk: Desk, busy: str) -> int:
    """The index of an emergency opening of Karin's case by Per."""
    town = desk.town
    open_in_emergency("SN 2026/0001", "Hon är försvunnen.", town.per, token="", **town.hands)
    return index_of(desk, "emergency.opened")


def signals(desk: Desk) -> SignalsSeen:
    found = see_signals(desk.town.chief, **desk.town.hands)
    assert isinstance(found, SignalsSeen)
    return found


@pytest.mark.parametrize("name", FORGERIES)
def test_signals_are_found_in_the_log_whatever_the_index_says(
    desk: Desk, opened: int, name: str
) -> None:
    before = signals(desk)
    assert [line.signal.n for line in before.lines] == [opened]
    forge(desk, name, opened)
    after = signals(desk)
    assert (after.lines, after.unlike.indices) == (before.lines, (opened,))


def a_round(desk: Desk, seed: bytes = bytes(32)) -> str:
    assert draw_round(desk.town.chief, seed=seed, **desk.town.hands) == RoundDrawn()
    seen = see_rounds(desk.town.chief, due_day=7, **desk.town.hands)
    assert isinstance(seen, RoundsSeen)
    return seen.rounds[0].id


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", ["another person", "another case", "another day", "gone"])
def test_a_round_is_drawn_from_the_log_and_tells_where_the_index_errs(
    desk: Desk, read: int, name: str, when: str
) -> None:
    if when == "before":
        forge(desk, name, read)
    desk.town.later(minutes=5)
    drawn = a_round(desk)
    if when == "after":
        forge(desk, name, read)
    for part in ("items", "report"):
        seen = see_round(drawn, desk.town.chief, part=part, **desk.town.hands)  # type: ignore[arg-type]
        assert isinstance(seen, RoundSeen)
        assert seen.unlike.indices == (read,)
        assert desk.town.karin.staff_id in {one.item.staff_id for one in seen.items}
    assert seen.drawn_again


def extract(desk: Desk, case: str) -> object:
    town = desk.town
    order = ExtractOrder(subject_ids=(town.subject_of(case),), language="sv", staff_named=False)
    return release_extract(order, town.officer, **town.hands)


@pytest.mark.parametrize("name", [one for one in FORGERIES if one != "another entry"])
def test_no_extract_is_released_over_an_index_that_errs_on_the_case(
    desk: Desk, busy: str, read: int, name: str
) -> None:
    assert isinstance(extract(desk, busy), ExtractReleased)
    forge(desk, name, read)
    held_back = extract(desk, busy)
    assert isinstance(held_back, ExtractHeldBack)
    assert [one.id for one in held_back.cases] == [busy]
    assert desk.town.ops()[-1] == "extract.rows_differ"


def test_two_entries_that_change_places_between_cases_are_seen(
    desk: Desk, busy: str, read: int
) -> None:
    other = desk.town.case(reference="SN 2026/0009")
    theirs = index_of(desk, "case.started")
    by_hand(desk.town, "UPDATE audit_view SET case_id = :other WHERE n = :n", n=read, other=other)
    by_hand(desk.town, "UPDATE audit_view SET case_id = :busy WHERE n = :n", n=theirs, busy=busy)
    assert isinstance(extract(desk, busy), ExtractHeldBack)


@pytest.mark.parametrize("whose", ["soc", None])
@pytest.mark.parametrize("name", FORGERIES)
def test_no_incident_pack_is_made_over_an_index_that_errs(
    desk: Desk, read: int, name: str, whose: str | None, tmp_path: Path
) -> None:
    assert isinstance(make(desk.town, tmp_path / "before", organisation_id=whose), PackMade)
    forge(desk, name, read)
    outcome = make(desk.town, tmp_path / "after", organisation_id=whose)
    assert isinstance(outcome, NoPack)
    assert f"of entry {read}" in outcome.why
    assert "sluss rebuild-index" in outcome.why
    assert list((tmp_path / "after").iterdir()) == []
    assert desk.town.entries("installation")[-1].op == "incident.rows_differ"
