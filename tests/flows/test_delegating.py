"""Delegation: registered by one, confirmed by another, and listed for the board."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.domain.actor import Actor
from app.domain.delegation_form import DelegationTerms, parse_delegation
from app.domain.ids import new_id
from app.domain.organisation import Period
from app.domain.staff import RoleGrant
from app.flows.disclose_note import Disclosed, NotDisclosed
from app.flows.install import Operator, grant_role
from app.flows.keep_delegation import (
    DelegationOrder,
    Kept,
    NotKept,
    register_delegation,
    settle_delegation,
    view_delegations,
)
from app.flows.list_decisions import DecisionList, list_decisions
from app.flows.not_found import NotFound
from app.records.delegation import delegations_held
from tests.flows.town import EVER, ORGANISATIONS, Town, _employed


@pytest.fixture
def petra(town: Town) -> Actor:
    """The administrator."""
    return someone(town, "Petra Kabel", "administrator")


@pytest.fixture
def sixten(town: Town) -> Actor:
    """The board secretary."""
    return someone(town, "Sixten Löv", "board_secretary")


def someone(town: Town, name: str, role: str) -> Actor:
    operator = Operator(name="tester", ring=town.rings.current("installation"))
    return _employed(name, ORGANISATIONS["soc"], frozenset({role}), operator, town.store)


def terms(**changes: object) -> DelegationTerms:
    made = DelegationTerms(
        staff_id=None, role="coordinator", decision="disclose", item="4.7", period=EVER
    )
    return replace(made, **changes)


def register(town: Town, by: Actor, what: DelegationTerms, token: str = "") -> str:
    outcome = register_delegation(what, by, token=token, **town.hands)
    assert isinstance(outcome, Kept), outcome
    return outcome.delegation_id


def held(town: Town, roles: frozenset[str], staff_id: str = "nobody") -> list[str]:
    with town.store.look(at=town.at) as tx:
        found = delegations_held(
            tx,
            organisation_id="soc",
            staff_id=staff_id,
            roles=roles,
            on=town.at.date(),
            at=town.at,
        )
    return [one.item for one in found]


def test_nothing_is_decided_under_it_until_another_confirms(
    town: Town, petra: Actor, sixten: Actor
) -> None:
    made = register(town, petra, terms())
    assert held(town, frozenset({"coordinator"})) == []
    assert settle_delegation(made, "confirm", sixten, **town.hands) == Kept(made)
    assert held(town, frozenset({"coordinator"})) == ["4.7"]
    assert town.ops()[-2:] == ["delegation.registered", "delegation.confirmed"]


def test_an_ended_one_counts_for_nothing_from_that_instant(
    town: Town, petra: Actor, sixten: Actor
) -> None:
    made = register(town, petra, terms())
    settle_delegation(made, "confirm", sixten, **town.hands)
    town.later(seconds=1)
    assert settle_delegation(made, "end", petra, **town.hands) == Kept(made)
    assert held(town, frozenset({"coordinator"})) == []
    again = settle_delegation(made, "end", petra, **town.hands)
    assert again == NotKept("settled")


def test_who_registered_it_does_not_confirm_it(town: Town) -> None:
    both = someone(town, "Bo Bägge", "administrator")
    operator = Operator(name="tester", ring=town.rings.current("installation"))
    grant_role(
        RoleGrant(
            id=new_id(town.at),
            staff_id=both.staff_id,
            organisation_id="soc",
            role="board_secretary",
            period=EVER,
        ),
        operator,
        at=town.at,
        store=town.store,
    )
    both = replace(both, roles=frozenset({"administrator", "board_secretary"}))
    made = register(town, both, terms())
    outcome = settle_delegation(made, "confirm", both, **town.hands)
    assert outcome == NotKept("own_registration")


def test_nobody_confirms_what_their_own_role_gains(town: Town, petra: Actor) -> None:
    made = register(town, petra, terms(role="supervisor"))
    outcome = settle_delegation(made, "confirm", town.chief, **town.hands)
    assert outcome == NotKept("own_delegation")
    assert town.entries()[-1].res == "deny"


def test_nobody_confirms_what_names_them(town: Town, petra: Actor) -> None:
    made = register(town, petra, terms(staff_id=town.chief.staff_id, role=None))
    outcome = settle_delegation(made, "confirm", town.chief, **town.hands)
    assert outcome == NotKept("own_delegation")


@pytest.mark.parametrize("role", ["reviewer", "records_officer", "administrator"])
def test_a_role_that_cannot_hold_the_decision_gets_none(
    town: Town, petra: Actor, role: str
) -> None:
    outcome = register_delegation(terms(role=role), petra, token="", **town.hands)
    reason = "own_delegation" if role == "administrator" else "not_theirs_to_hold"
    assert outcome == NotKept(reason)


def test_case_workers_neither_register_nor_see_nor_confirm(town: Town, petra: Actor) -> None:
    made = register(town, petra, terms())
    assert isinstance(register_delegation(terms(), town.karin, token="", **town.hands), NotFound)
    assert isinstance(view_delegations(town.karin, **town.hands), NotFound)
    assert isinstance(settle_delegation(made, "confirm", town.karin, **town.hands), NotFound)


def test_another_organisation_finds_nothing(town: Town, petra: Actor) -> None:
    made = register(town, petra, terms())
    operator = Operator(name="tester", ring=town.rings.current("installation"))
    other = _employed(
        "Mats Bro", ORGANISATIONS["police"], frozenset({"supervisor"}), operator, town.store
    )
    assert isinstance(settle_delegation(made, "confirm", other, **town.hands), NotFound)
    order = view_delegations(other, **town.hands)
    assert isinstance(order, DelegationOrder)
    assert made not in {one.id for one in order.delegations}


def test_the_same_form_twice_registers_one(town: Town, petra: Actor) -> None:
    first = register(town, petra, terms(), token="t" * 36)
    assert register(town, petra, terms(), token="t" * 36) == first


def test_a_duty_of_the_rektor_is_no_decision_that_can_be_delegated() -> None:
    typed = {"to": "role:case_worker", "delegated": "principal_duty", "item": "2.1"}
    problems = parse_delegation(typed, staff=(), roles={"case_worker"}, on=date(2026, 11, 23))
    assert isinstance(problems, list)
    assert [(one.field, one.code) for one in problems] == [("delegated", "choose_one")]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("to", "staff:stranger", "choose_one"),
        ("item", "=1+1", "item_form"),
        ("item", "", "item_form"),
        ("valid_from", "23/11", "date_form"),
        ("valid_until", "2026-11-22", "until_before_from"),
    ],
)
def test_what_is_wrong_with_a_form_is_told_by_its_field(field: str, value: str, code: str) -> None:
    typed = {"to": "role:case_worker", "delegated": "disclose", "item": "4.2"} | {field: value}
    problems = parse_delegation(typed, staff=(), roles={"case_worker"}, on=date(2026, 11, 23))
    assert isinstance(problems, list)
    assert [(one.field, one.code) for one in problems] == [(field, code)]


def listed(town: Town, since: date, until: date, actor: Actor | None = None) -> DecisionList:
    found = list_decisions(actor or town.chief, since=since, until=until, form="page", **town.hands)
    assert isinstance(found, DecisionList)
    return found


def test_the_list_for_the_board_names_the_item_and_nobody_written_about(
    town: Town, sixten: Actor
) -> None:
    case = town.case()
    made = town.disclose(town.assessed(case, town.note(case)))
    assert isinstance(made, Disclosed)
    today = town.at.date()
    found = listed(town, today, today, sixten)
    assert [(one.delegation_item, number) for one, number in found.decisions] == [
        ("4.2", "SN 2026/0001")
    ]
    assert "Vera" not in repr(found)


def test_a_period_takes_in_both_its_days_as_they_are_in_sweden(town: Town) -> None:
    case = town.case()
    note = town.note(case)
    # 23:30 UTC on 30 November is 1 December in Sweden.
    town.at = town.at.replace(month=11, day=30, hour=23, minute=30)
    assert isinstance(town.disclose(town.assessed(case, note)), Disclosed)
    assert len(listed(town, date(2026, 12, 1), date(2026, 12, 1)).decisions) == 1
    assert listed(town, date(2026, 11, 1), date(2026, 11, 30)).decisions == ()


def test_what_others_decided_is_on_nobody_elses_list(town: Town) -> None:
    case = town.case()
    town.disclose(town.assessed(case, town.note(case)))
    operator = Operator(name="tester", ring=town.rings.current("installation"))
    other = _employed(
        "Mats Bro", ORGANISATIONS["police"], frozenset({"supervisor"}), operator, town.store
    )
    assert listed(town, date(2026, 1, 1), date(2026, 12, 31), other).decisions == ()
    today = town.at.date()
    refused = list_decisions(town.karin, since=today, until=today, form="page", **town.hands)
    assert isinstance(refused, NotFound)


def test_without_delegation_nobody_decides(town: Town) -> None:
    case = town.case()
    order = town.assessed(case, town.note(case))
    outcome = town.disclose(order, replace(town.karin, delegations=()))
    assert isinstance(outcome, NotDisclosed)
    assert outcome.reason == "no_delegation"


def test_a_period_that_has_passed_gives_nothing(town: Town, petra: Actor, sixten: Actor) -> None:
    past = Period(valid_from=date(2026, 1, 1), valid_until=date(2026, 11, 22))
    made = register(town, petra, terms(period=past))
    settle_delegation(made, "confirm", sixten, **town.hands)
    assert held(town, frozenset({"coordinator"})) == []
