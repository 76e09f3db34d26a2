"""Who works in a case: let in and taken out, dated, and never by those it is not for."""

from __future__ import annotations

import pytest

from app.domain.disclosure import DisclosureOrder
from app.flows.change_team import (
    TeamChanged,
    TeamNotChanged,
    TeamPage,
    change_team,
    view_team,
)
from app.flows.list_cases import list_cases
from app.flows.not_found import NotFound
from app.flows.view_case import CasePage, view_case


def _change(town, case: str, staff_id: str, how: str, actor=None) -> object:
    town.later(seconds=1)
    return change_team(case, staff_id, how, actor or town.karin, **town.hands)


def _sees(town, case: str, actor) -> bool:
    town.later(seconds=1)
    return isinstance(view_case(case, actor, **town.hands), CasePage)


def test_a_colleague_who_is_let_in_can_open_the_case_from_then_on(town) -> None:
    case = town.case()
    assert not _sees(town, case, town.per)
    assert _change(town, case, town.per.staff_id, "let_in") == TeamChanged(still_in_team=True)
    assert _sees(town, case, town.per)
    assert "team.let_in" in town.ops()


def test_one_who_is_taken_out_can_open_nothing_more(town) -> None:
    case = town.case()
    note = town.note(case)
    _change(town, case, town.per.staff_id, "let_in")
    order: DisclosureOrder = town.assessed(case, note)
    assert isinstance(_change(town, case, town.per.staff_id, "take_out"), TeamChanged)
    assert not _sees(town, case, town.per)
    assert isinstance(town.disclose(order, town.per), NotFound)
    assert list_cases(town.per, at=town.at, store=town.store, rings=town.rings) == ()


def test_one_who_left_can_be_let_in_again(town) -> None:
    case = town.case()
    for how in ("let_in", "take_out", "let_in"):
        assert isinstance(_change(town, case, town.per.staff_id, how), TeamChanged)
    assert _sees(town, case, town.per)


def test_whoever_started_it_can_hand_it_over_and_leave(town) -> None:
    case = town.case()
    _change(town, case, town.per.staff_id, "let_in")
    left = _change(town, case, town.karin.staff_id, "take_out")
    assert left == TeamChanged(still_in_team=False)
    assert not _sees(town, case, town.karin)
    assert isinstance(_change(town, case, town.karin.staff_id, "let_in"), NotFound)


def test_the_last_one_cannot_leave(town) -> None:
    case = town.case()
    assert _change(town, case, town.karin.staff_id, "take_out") == TeamNotChanged("last_member")
    assert _sees(town, case, town.karin)


@pytest.mark.parametrize(
    ("how", "reason"), [("let_in", "already_member"), ("take_out", "not_member")]
)
def test_a_change_that_has_been_made_is_not_made_again(town, how: str, reason: str) -> None:
    case = town.case()
    if how == "let_in":
        _change(town, case, town.per.staff_id, how)
    assert _change(town, case, town.per.staff_id, how) == TeamNotChanged(reason)
    assert town.ops()[-1] == "team.change_refused"


def test_a_colleague_elsewhere_does_not_exist_here(town) -> None:
    case = town.case()
    for stranger in (town.sara.staff_id, "00000000-0000-4000-8000-000000000000"):
        assert isinstance(_change(town, case, stranger, "let_in"), NotFound)
        assert town.ops()[-1] == "team.not_found"


def test_a_colleague_outside_the_team_can_neither_see_nor_change_it(town) -> None:
    case = town.case()
    assert isinstance(view_team(case, town.per, **town.hands), NotFound)
    assert isinstance(_change(town, case, town.per.staff_id, "let_in", town.per), NotFound)
    assert not _sees(town, case, town.per)


def test_who_decides_on_the_work_changes_the_team_of_a_case_they_cannot_read(town) -> None:
    case = town.case()
    page = view_team(case, town.chief, **town.hands)
    assert isinstance(page, TeamPage)
    assert not page.in_team
    assert town.per.staff_id in {one.id for one in page.colleagues}
    changed = _change(town, case, town.per.staff_id, "let_in", town.chief)
    assert changed == TeamChanged(still_in_team=False)
    assert _sees(town, case, town.per)
    assert not _sees(town, case, town.chief)


def test_who_decides_on_the_work_does_not_let_themselves_in(town) -> None:
    case = town.case()
    seen = view_team(case, town.chief, **town.hands)
    assert isinstance(seen, TeamPage)
    assert town.chief.staff_id not in {one.id for one in seen.colleagues}
    refused = _change(town, case, town.chief.staff_id, "let_in", town.chief)
    assert refused == TeamNotChanged("oneself")
    assert not _sees(town, case, town.chief)
    assert isinstance(_change(town, case, town.chief.staff_id, "let_in"), TeamChanged)
    assert _sees(town, case, town.chief)


def test_another_organisations_case_has_no_team_for_its_supervisor(town) -> None:
    case = town.case(town.sara)
    assert isinstance(view_team(case, town.chief, **town.hands), NotFound)
    assert isinstance(_change(town, case, town.per.staff_id, "let_in", town.chief), NotFound)


def test_what_was_changed_stays_dated(town) -> None:
    case = town.case()
    _change(town, case, town.per.staff_id, "let_in")
    page = view_team(case, town.karin, **town.hands)
    assert isinstance(page, TeamPage)
    assert {one.staff.id: one.since for one in page.team}[town.per.staff_id] == town.at
