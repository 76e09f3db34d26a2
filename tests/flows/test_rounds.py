"""Loggkontroll in rounds: drawn by chance and risk, answered by another, signed, and repeatable."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy

from app.flows import open_whole_log as open_whole_log_module
from app.flows.answer_round import (
    ItemAnswered,
    ItemAsked,
    RoundNotSigned,
    RoundSigned,
    answer_item,
    ask_about_item,
    sign_round,
)
from app.flows.answered_already import AnsweredAlready
from app.flows.draw_round import RoundDrawn, draw_round
from app.flows.not_found import NotFound
from app.flows.open_in_emergency import open_in_emergency
from app.flows.open_whole_log import WholeLog, open_whole_log
from app.flows.read_notes import read_notes
from app.flows.receive_delivery import list_deliveries, open_delivery
from app.flows.review_emergency import see_openings
from app.flows.review_signals import see_signals
from app.flows.round_questions import (
    Replied,
    reply_to_question,
    see_questions,
    waiting_questions,
)
from app.flows.see_round import RoundSeen, RoundsSeen, round_state, see_round, see_rounds
from app.flows.view_case import view_case
from app.records.review_round import review_item, review_round

SEED = bytes(range(32))
WHY = "Pojken är försvunnen och hans mamma är på väg hit."
REMARK = "Karin hade jour den kvällen."


def drawn(town, seed: bytes = SEED, actor=None) -> RoundSeen:
    town.later(seconds=1)
    outcome = draw_round(actor or town.chief, seed=seed, **town.hands)
    assert outcome == RoundDrawn()
    rounds = see_rounds(actor or town.chief, due_day=7, **town.hands).rounds
    return seen(town, rounds[0].id, actor)


def seen(town, round_id: str, actor=None, part: str = "items") -> RoundSeen:
    found = see_round(round_id, actor or town.chief, part=part, **town.hands)
    assert isinstance(found, RoundSeen)
    return found


def answer(town, item, actor=None, verdict: str = "justified") -> object:
    town.later(seconds=1)
    return answer_item(item.item.id, verdict, REMARK, actor or town.chief, **town.hands)


def whys(found: RoundSeen) -> list[str]:
    return sorted(one.item.why for one in found.items)


def worked(town) -> str:
    case = town.case()
    read_notes(case, [town.note(case)], town.karin, **town.hands)
    return case


def test_ordinary_work_is_drawn_with_its_case_and_that_they_worked_in_it(town) -> None:
    worked(town)
    found = drawn(town)
    assert whys(found) == ["chance"]
    (item,) = found.items
    assert (item.item.staff_id, item.reference, item.in_team) == (
        town.karin.staff_id,
        "SN 2026/0001",
        True,
    )
    assert found.round.day == town.at.date()


def test_every_emergency_opening_and_every_signal_since_the_last_round_is_in_it(town) -> None:
    case = worked(town)
    open_in_emergency("SN 2026/0001", WHY, town.per, token="", **town.hands)
    town.later(hours=14)
    view_case(case, town.karin, **town.hands)
    found = drawn(town)
    assert {"emergency", "signal"} <= set(whys(found))
    assert len([one for one in found.items if one.item.why == "emergency"]) == 1


def test_what_an_earlier_round_had_is_not_in_the_next(town) -> None:
    worked(town)
    open_in_emergency("SN 2026/0001", WHY, town.per, token="", **town.hands)
    drawn(town)
    town.later(days=30)
    assert drawn(town).items == ()


def test_the_first_round_has_every_opening_however_long_ago(town) -> None:
    worked(town)
    open_in_emergency("SN 2026/0001", WHY, town.per, token="", **town.hands)
    town.later(days=120)
    assert whys(drawn(town)) == ["emergency"]


def test_a_month_has_one_round_whoever_draws_and_whatever_the_seed(town) -> None:
    worked(town)
    first = drawn(town)
    town.later(days=1)
    again = draw_round(town.chief, seed=bytes(32), **town.hands)
    assert again == RoundDrawn(again=True)
    assert seen(town, first.round.id).round.seed == SEED.hex()
    assert town.ops().count("round.drawn") == 1
    assert "round.draw_repeated" in town.ops()


def test_the_same_seed_and_the_same_log_give_the_same_draw(town) -> None:
    for number in range(30):
        town.later(hours=2)
        case = town.case(reference=f"SN 2026/{number}")
        view_case(case, town.karin, **town.hands)
    found = drawn(town)
    town.later(days=2)
    worked_later = town.case(reference="SN 2026/77")
    view_case(worked_later, town.karin, **town.hands)
    assert seen(town, found.round.id, part="report").drawn_again


def test_a_sample_that_somebody_has_changed_is_told(town) -> None:
    for number in range(4):
        town.case(reference=f"SN 2026/{number}")
    found = drawn(town)
    with town.store.engine.begin() as connection:
        one = next(one for one in found.items if one.item.why == "chance")
        connection.execute(sqlalchemy.delete(review_item).where(review_item.c.id == one.item.id))
    assert not seen(town, found.round.id, part="report").drawn_again


def test_a_seed_that_somebody_has_changed_is_told(town) -> None:
    for number in range(30):
        town.later(hours=1)
        town.case(reference=f"SN 2026/{number}")
    found = drawn(town)
    with town.store.engine.begin() as connection:
        connection.execute(sqlalchemy.update(review_round).values(seed="00" * 32))
    assert not seen(town, found.round.id, part="report").drawn_again


def test_an_answered_round_can_be_signed_and_an_unanswered_cannot(town) -> None:
    worked(town)
    found = drawn(town)
    assert sign_round(found.round.id, town.chief, **town.hands) == RoundNotSigned(1)
    assert answer(town, found.items[0]) == ItemAnswered()
    assert sign_round(found.round.id, town.chief, **town.hands) == RoundSigned(0)
    assert seen(town, found.round.id).round.signed_by == town.chief.staff_id
    assert "round.signed" in town.ops()


def test_a_second_answer_changes_nothing(town) -> None:
    worked(town)
    found = drawn(town)
    answer(town, found.items[0])
    told = answer(town, found.items[0], verdict="remark")
    assert isinstance(told, AnsweredAlready)
    assert told.by is not None
    assert told.by.name == town.chief.name
    assert answer(town, found.items[0]) == ItemAnswered()
    assert seen(town, found.round.id).items[0].answer.verdict == "justified"


def test_nobody_answers_for_their_own_acts_and_the_round_says_that_they_are_open(town) -> None:
    both = replace(town.karin, roles=frozenset({"case_worker", "supervisor"}))
    worked(town)
    found = drawn(town, actor=both)
    assert found.items[0].others
    assert isinstance(answer(town, found.items[0], both), NotFound)
    assert sign_round(found.round.id, both, **town.hands) == RoundSigned(1)
    left = seen(town, found.round.id)
    assert len(left.open_items) == 1
    assert answer(town, left.items[0]) == ItemAnswered()


def test_the_list_tells_how_many_in_a_signed_round_wait_for_somebody_else(town) -> None:
    worked(town)
    both = replace(town.karin, roles=frozenset({"case_worker", "supervisor"}))
    found = drawn(town, actor=both)
    assert sign_round(found.round.id, both, **town.hands) == RoundSigned(left=1)
    listed = see_rounds(town.chief, due_day=7, **town.hands)
    assert isinstance(listed, RoundsSeen)
    assert listed.left == {found.round.id: 1}
    assert answer(town, found.items[0]) == ItemAnswered()
    listed = see_rounds(town.chief, due_day=7, **town.hands)
    assert isinstance(listed, RoundsSeen)
    assert listed.left == {}


def test_an_opening_is_not_answered_by_the_one_who_stood_behind_it(town) -> None:
    worked(town)
    open_in_emergency("SN 2026/0001", WHY, town.per, token="", **town.hands)
    found = drawn(town)
    opening = next(one for one in found.items if one.item.why == "emergency")
    with town.store.engine.begin() as connection:
        table = review_item.metadata.tables["emergency_opening"]
        connection.execute(sqlalchemy.update(table).values(confirmed_by=town.chief.staff_id))
    assert isinstance(answer(town, opening), NotFound)


def test_a_signal_and_an_opening_have_one_answer_on_every_page(town) -> None:
    case = worked(town)
    open_in_emergency("SN 2026/0001", WHY, town.per, token="", **town.hands)
    town.later(hours=14)
    view_case(case, town.karin, **town.hands)
    found = drawn(town)
    for one in found.items:
        assert answer(town, one) == ItemAnswered()
    openings = see_openings(town.chief, **town.hands)
    assert [one.remark for one in openings.lines] == [REMARK]
    signals = see_signals(town.chief, **town.hands).lines
    assert "emergency" in {one.signal.kind for one in signals}
    assert all(one.remark == REMARK for one in signals)
    assert {one.answer.remark for one in seen(town, found.round.id).items} == {REMARK}


def test_the_person_asked_gets_the_question_and_answers_it_once(town) -> None:
    worked(town)
    (item,) = drawn(town).items
    question = "Varför öppnade du anteckningen den dagen?"
    asked = ask_about_item(item.item.id, question, town.chief, **town.hands)
    assert asked == ItemAsked()
    assert waiting_questions(town.karin, at=town.at, store=town.store) == 1
    assert waiting_questions(town.per, at=town.at, store=town.store) == 0
    hands = {"at": town.at, "store": town.store, "rings": town.rings}
    (line,) = see_questions(town.karin, **hands).lines
    assert line.question.text == question
    assert see_questions(town.per, **hands).lines == ()
    assert isinstance(reply_to_question(item.item.id, "Nej.", town.per, **hands), NotFound)
    reply = "Jag förberedde mötet med skolan."
    assert reply_to_question(item.item.id, reply, town.karin, **hands) == Replied()
    assert reply_to_question(item.item.id, reply, town.karin, **hands) == Replied()
    other = reply_to_question(item.item.id, "Annat.", town.karin, **hands)
    assert isinstance(other, AnsweredAlready)
    assert waiting_questions(town.karin, at=town.at, store=town.store) == 0
    assert seen(town, item.item.round_id).items[0].question.reply == reply


def test_what_is_asked_and_said_and_remarked_is_sealed(town) -> None:
    worked(town)
    (item,) = drawn(town).items
    ask_about_item(item.item.id, "Varför öppnade du den?", town.chief, **town.hands)
    hands = {"at": town.at, "store": town.store, "rings": town.rings}
    reply_to_question(item.item.id, "Jag förberedde mötet.", town.karin, **hands)
    answer(town, item)
    with town.store.engine.connect() as connection:
        stored = repr(connection.execute(sqlalchemy.select(review_item)).all())
    for text in ("Varför", "mötet", "jour"):
        assert text not in stored


def test_the_whole_log_is_opened_on_a_reason_that_the_log_keeps_and_never_ones_own(town) -> None:
    worked(town)
    (item,) = drawn(town).items
    hands = {**town.hands, "log_keys": None}
    asked = open_whole_log(item.item.id, None, town.chief, **hands)
    assert isinstance(asked, WholeLog)
    assert asked.found is None
    assert "round.log_opened" not in town.ops()
    both = replace(town.karin, roles=frozenset({"case_worker", "supervisor"}))
    assert isinstance(open_whole_log(item.item.id, WHY, both, **hands), NotFound)


def test_the_whole_log_is_all_of_it_and_each_part_is_entered_with_the_reason(
    town, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = worked(town)
    for _ in range(6):
        view_case(case, town.karin, **town.hands)
    (item,) = drawn(town).items
    monkeypatch.setattr(open_whole_log_module, "ENTRIES", 4)
    hands = {**town.hands, "log_keys": ""}
    before, told = None, []
    for _ in range(10):
        part = open_whole_log(item.item.id, WHY, town.chief, before=before, **hands)
        assert isinstance(part, WholeLog)
        assert part.found is not None
        told += [row.entry.n for row in part.found.rows]
        before = part.found.more
        if before is None:
            break
    theirs = [one.n for one in town.entries() if one.staff_id == town.karin.staff_id]
    assert sorted(told) == sorted(theirs)
    assert len(told) > 4
    assert town.ops().count("round.log_opened") == -(-len(theirs) // 4)


@pytest.mark.parametrize("who", ["karin", "sara", "kurator", "officer"])
def test_a_round_is_for_those_who_review_that_organisations_log(town, who: str) -> None:
    worked(town)
    found = drawn(town)
    other = getattr(town, who)
    if who == "officer":
        assert isinstance(see_round(found.round.id, other, part="items", **town.hands), RoundSeen)
        return
    (item,) = found.items
    assert isinstance(see_round(found.round.id, other, part="items", **town.hands), NotFound)
    assert isinstance(sign_round(found.round.id, other, **town.hands), NotFound)
    assert isinstance(answer(town, item, other), NotFound)
    assert isinstance(see_rounds(other, due_day=7, **town.hands), NotFound)
    assert isinstance(draw_round(other, seed=SEED, **town.hands), NotFound)


def test_a_supervisor_elsewhere_finds_none_of_it(town) -> None:
    worked(town)
    found = drawn(town)
    elsewhere = replace(town.sara, roles=frozenset({"supervisor"}))
    assert isinstance(see_round(found.round.id, elsewhere, part="items", **town.hands), NotFound)
    assert isinstance(answer(town, found.items[0], elsewhere), NotFound)
    assert see_rounds(elsewhere, due_day=7, **town.hands).rounds == ()


def test_it_is_due_from_the_first_and_late_after_the_due_day_until_it_is_signed(town) -> None:
    def state(actor=town.chief) -> str:
        return round_state(actor, due_day=7, at=town.at, store=town.store, law=town.law)

    town.at = town.at.replace(day=7)
    assert state() == "due"
    town.later(days=1)
    assert state() == "late"
    assert state(town.karin) == ""
    found = drawn(town)
    assert state() == "late"
    sign_round(found.round.id, town.chief, **town.hands)
    assert state() == ""
    town.at = (town.at + timedelta(days=31)).replace(day=1)
    assert state() == "due"


def test_the_round_and_each_look_and_answer_are_entries(town) -> None:
    worked(town)
    found = drawn(town)
    answer(town, found.items[0])
    sign_round(found.round.id, town.chief, **town.hands)
    seen(town, found.round.id, part="report")
    told = [op for op in town.ops() if op.startswith("round.")]
    assert told == [
        "round.drawn",
        "round.listed",
        "round.viewed",
        "round.answered",
        "round.signed",
        "round.reported",
    ]


def test_what_has_come_in_is_in_the_round_though_it_lies_in_no_case(town) -> None:
    case = town.case()
    town.disclose(town.assessed(case, town.note(case)))
    town.later(minutes=10)
    boss = replace(town.sara, roles=frozenset({"supervisor"}), staff_id=town.chief.staff_id)
    [arrived] = list_deliveries(town.sara, **town.hands)
    open_delivery(arrived.id, town.sara, **town.hands)
    found = drawn(town, actor=boss)
    [item] = [one for one in found.items if one.item.op == "delivery.opened"]
    assert (item.item.staff_id, item.item.case_id, item.reference) == (town.sara.staff_id, None, "")
