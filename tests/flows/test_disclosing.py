"""The gate: what leaves, what does not, and what is left in the log either way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.flows.disclose_note import Disclosed, NotDisclosed
from app.flows.not_found import NotFound
from app.flows.receive_delivery import DeliveryOpened, list_deliveries, open_delivery
from app.flows.stop_delivery import Stopped, TooLate, stop_delivery


def test_a_note_without_assessments_is_not_disclosed(town) -> None:
    case = town.case()
    outcome = town.disclose(town.order(town.note(case)))
    assert isinstance(outcome, NotDisclosed)
    assert outcome.decision.outcome == "needs"
    assert town.ops()[-1] == "note.disclosure_refused"


def test_a_note_with_every_assessment_made_reaches_the_police_after_the_undo_time(town) -> None:
    case = town.case()
    outcome = town.disclose(town.assessed(case, town.note(case)))
    assert isinstance(outcome, Disclosed)
    assert list_deliveries(town.sara, **town.hands) == ()
    town.later(seconds=121)
    (arrived,) = list_deliveries(town.sara, **town.hands)
    opened = open_delivery(arrived.id, town.sara, **town.hands)
    assert isinstance(opened, DeliveryOpened)
    assert opened.text == "Berättar om kontakter med äldre kamrater."
    assert arrived.head.persons[0].name == "Vera Exempelsson"
    assert "P-18a" in {ground.id for ground in arrived.head.grounds}


def test_a_disclosure_leaves_exactly_one_entry(town) -> None:
    case = town.case()
    order = town.assessed(case, town.note(case))
    before = len(town.entries())
    town.disclose(order)
    assert len(town.entries()) == before + 1
    assert town.ops()[-1] == "note.disclosed"


def test_an_assessment_answered_no_is_a_refusal_and_is_kept(town) -> None:
    case = town.case()
    note = town.note(case)
    answers = dict.fromkeys(town.statements("P-18a"), "no")
    refused = town.disclose(town.order(note, answers=answers, about=town.subject_of(case)))
    assert isinstance(refused, NotDisclosed)
    asked_again = {
        step.condition
        for one in refused.decision.by_person.values()
        for steps in one.missing
        for step in steps
    }
    assert asked_again.isdisjoint(town.statements("P-18a"))


def test_an_assessment_for_the_police_does_not_open_for_the_leisure_centre(town) -> None:
    case = town.case()
    note = town.note(case)
    town.disclose(town.assessed(case, note))
    assert isinstance(town.disclose(town.order(note, "leisure")), NotDisclosed)


def test_the_same_form_sent_twice_discloses_once(town) -> None:
    case = town.case()
    order = town.assessed(case, town.note(case), token="same-form")
    first, second = town.disclose(order), town.disclose(order)
    assert first == second
    assert town.ops().count("note.disclosed") == 1
    town.later(minutes=5)
    assert len(list_deliveries(town.sara, **town.hands)) == 1


def test_a_version_that_is_on_its_way_or_there_is_not_sent_again_unless_that_is_meant(town) -> None:
    case = town.case()
    order = town.assessed(case, town.note(case))
    assert isinstance(town.disclose(order), Disclosed)
    for wait in ({}, {"minutes": 5}):
        town.later(**wait)
        again = town.disclose(order)
        assert isinstance(again, NotDisclosed)
        assert again.reason == "already_sent"
        assert town.ops()[-1] == "note.disclosure_refused"
    assert isinstance(town.disclose(replace(order, again=True)), Disclosed)
    assert town.ops().count("note.disclosed") == 2


def test_a_version_that_was_stopped_can_be_sent_anew(town) -> None:
    case = town.case()
    order = town.assessed(case, town.note(case))
    first = town.disclose(order)
    stop_delivery(first.disclosure_id, town.karin, **town.hands)
    assert isinstance(town.disclose(order), Disclosed)


def test_a_colleague_outside_the_case_team_finds_nothing(town) -> None:
    case = town.case()
    order = town.assessed(case, town.note(case))
    assert isinstance(town.disclose(order, town.per), NotFound)
    assert town.ops()[-1] == "note.disclosure_not_found"


def test_another_organisation_finds_nothing(town) -> None:
    case = town.case()
    order = town.assessed(case, town.note(case), recipient="school")
    assert isinstance(town.disclose(order, town.sara), NotFound)
    assert town.ops("police")[-1] == "note.disclosure_not_found"


def test_without_a_delegation_nothing_leaves(town) -> None:
    from dataclasses import replace

    case = town.case()
    order = town.assessed(case, town.note(case))
    outcome = town.disclose(order, replace(town.karin, delegations=()))
    assert isinstance(outcome, NotDisclosed)
    assert outcome.reason == "no_delegation"


def test_a_note_corrected_meanwhile_is_not_disclosed_in_its_old_version(town) -> None:
    from app.flows.write_note import correct_note

    case = town.case()
    note = town.note(case)
    order = town.assessed(case, note)
    correct_note(note, 1, town.draft(case, text="Rättad."), town.karin, token="", **town.hands)
    outcome = town.disclose(order)
    assert isinstance(outcome, NotDisclosed)
    assert outcome.reason == "newer_version"


def test_a_disclosure_on_its_way_can_be_stopped_and_never_arrives(town) -> None:
    case = town.case()
    made = town.disclose(town.assessed(case, town.note(case)))
    assert stop_delivery(made.disclosure_id, town.karin, **town.hands) == Stopped(case)
    town.later(hours=1)
    assert list_deliveries(town.sara, **town.hands) == ()


def test_stopping_again_is_answered_as_the_first_time(town) -> None:
    case = town.case()
    order = town.assessed(case, town.note(case), token="same-form")
    made = town.disclose(order)
    for _ in range(2):
        stopped = stop_delivery(made.disclosure_id, town.karin, **town.hands)
        assert stopped == Stopped(case)
    assert town.ops()[-2:] == ["delivery.stopped", "delivery.stop_repeated"]
    town.later(hours=1)
    assert stop_delivery(made.disclosure_id, town.karin, **town.hands) == Stopped(case)
    again = town.disclose(order)
    assert isinstance(again, Disclosed)
    assert again.stopped


def test_a_disclosure_that_has_arrived_cannot_be_stopped(town) -> None:
    case = town.case()
    made = town.disclose(town.assessed(case, town.note(case)))
    town.later(seconds=120)
    assert stop_delivery(made.disclosure_id, town.karin, **town.hands) == TooLate(case)
    assert len(list_deliveries(town.sara, **town.hands)) == 1


@pytest.mark.parametrize("recipient", ["nobody", "soc"])
def test_a_recipient_that_cannot_be_addressed_is_not_found(town, recipient: str) -> None:
    case = town.case()
    order = town.assessed(case, town.note(case), recipient=recipient)
    assert isinstance(town.disclose(order), NotFound)


def test_a_duty_arrives_at_once(town) -> None:
    case = town.case(town.kurator, reference="EH 2026/1")
    note = town.note(case, town.kurator, category="K3")
    answers = dict.fromkeys(town.statements("D-1"), "yes")
    order = town.order(note, "soc", "protect_child", answers=answers, about=town.subject_of(case))
    made = town.disclose(order, town.kurator)
    assert isinstance(made, Disclosed)
    assert made.arrives_at == town.at
    assert len(list_deliveries(town.karin, **town.hands)) == 1


@pytest.mark.parametrize("other", ["note", "recipient", "purpose"])
def test_a_form_that_has_disclosed_something_else_says_that_nothing_was_sent(
    town, other, last_detail
) -> None:
    case = town.case(born=date(2000, 1, 1))
    town.consent(case, "school")
    note = town.note(case)
    order = town.order(note, "school", "care_or_support", token="used")
    assert isinstance(town.disclose(order), Disclosed)
    changed = {
        "note": {"note_id": town.note(case)},
        "recipient": {"recipient_id": "region"},
        "purpose": {"purpose": "schooling"},
    }[other]
    outcome = town.disclose(replace(order, intent=replace(order.intent, **changed)))
    assert isinstance(outcome, NotDisclosed)
    assert outcome.reason == "used_form"
    assert last_detail(case)["reason"] == "used_form"
    assert town.ops().count("note.disclosed") == 1
    assert isinstance(town.disclose(order), Disclosed), "the same form again is answered as before"
