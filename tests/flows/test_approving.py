"""Approval by a supervisor: asked when nothing else remains, answered once, by somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy

from app.domain.approval import ApprovalAnswer
from app.domain.disclosure import DisclosureOrder
from app.flows.answer_approval import (
    ApprovalAnswered,
    ApprovalNotAnswered,
    ApprovalSeen,
    answer_approval,
    read_approval,
    view_approval,
)
from app.flows.answered_already import AnsweredAlready
from app.flows.ask_approval import (
    ApprovalAsked,
    ApprovalNotAsked,
    ApprovalNotWithdrawn,
    ApprovalWithdrawn,
    ask_approval,
    withdraw_approval,
)
from app.flows.change_team import TeamChanged, change_team
from app.flows.consider_disclosure import Considered, consider_disclosure
from app.flows.disclose_note import Disclosed, NotDisclosed
from app.flows.happened import happened
from app.flows.install import Operator
from app.flows.list_approvals import ApprovalList, count_waiting_approvals, list_approvals
from app.flows.not_found import NotFound
from app.flows.write_note import NoteWritten, correct_note
from app.keys import SealBroken, event_sealer
from app.records.approval import approval
from app.records.audit_view import SeenEntry
from app.records.role_grant import end_role_grant, grants_of
from tests.flows.town import ORGANISATIONS, Town, _employed

YES = ApprovalAnswer(answer="yes", reasons="Behövs för att förebygga brott, och inget talar emot.")
NO = ApprovalAnswer(answer="no", reasons="Skolan behöver det inte.")
P15A = ("needed_for_purpose", "no_predominant_reasons")
"""What 10 kap. 15 a § asks of the case worker before the supervisor is asked."""


@pytest.fixture
def case(town: Town) -> str:
    return town.case()


@pytest.fixture
def note(town: Town, case: str) -> str:
    return town.note(case)


def ready(town: Town, case: str, note: str, **more: object) -> DisclosureOrder:
    """To the school, with everything assessed that the general rule asks for."""
    return town.order(
        note, "rektor", answers=dict.fromkeys(P15A, "yes"), about=town.subject_of(case), **more
    )


def ask(town: Town, case: str, note: str, **more: object) -> str:
    outcome = ask_approval(ready(town, case, note, **more), town.karin, **town.hands)
    assert isinstance(outcome, ApprovalAsked), outcome
    return outcome.approval_id


def last(town: Town) -> SeenEntry:
    return town.entries()[-1]


def plain(town: Town, note: str, recipient: str = "rektor", version: int = 1) -> DisclosureOrder:
    """An order that rests on what has been recorded before."""
    return town.order(note, recipient, version=version)


def test_an_approved_note_can_be_disclosed_by_the_one_who_asked(
    town: Town, case: str, note: str
) -> None:
    asked = ask(town, case, note)
    assert isinstance(town.disclose(plain(town, note)), NotDisclosed)
    assert isinstance(answer_approval(asked, YES, town.chief, **town.hands), ApprovalAnswered)
    outcome = town.disclose(plain(town, note))
    assert isinstance(outcome, Disclosed)
    assert [op for op in town.ops() if op.startswith("approval.")] == [
        "approval.asked",
        "approval.given",
    ]


def test_a_refused_approval_is_settled_and_not_asked_for_again(
    town: Town, case: str, note: str
) -> None:
    asked = ask(town, case, note)
    answer_approval(asked, NO, town.chief, **town.hands)
    outcome = town.disclose(plain(town, note))
    assert isinstance(outcome, NotDisclosed)
    assert outcome.decision is not None
    ways = [
        step.condition
        for one in outcome.decision.by_person.values()
        for way in one.missing
        for step in way
    ]
    assert "supervisor_approval" not in ways
    again = ask_approval(ready(town, case, note), town.karin, **town.hands)
    assert again == ApprovalNotAsked("not_ready")


@pytest.mark.parametrize(
    ("recipient", "purpose"), [("leisure", "prevent_crime"), ("rektor", "protect_child")]
)
def test_a_yes_counts_for_no_other_recipient_and_no_other_purpose(
    town: Town, case: str, note: str, recipient: str, purpose: str
) -> None:
    answer_approval(ask(town, case, note), YES, town.chief, **town.hands)
    other = town.order(
        note, recipient, purpose, answers=dict.fromkeys(P15A, "yes"), about=town.subject_of(case)
    )
    assert isinstance(town.disclose(other), NotDisclosed)


def test_a_yes_does_not_follow_to_a_corrected_note(town: Town, case: str, note: str) -> None:
    answer_approval(ask(town, case, note), YES, town.chief, **town.hands)
    correct(town, case, note)
    again = ready(town, case, note, version=2)
    assert isinstance(town.disclose(again), NotDisclosed)


def test_a_yes_is_to_what_was_assessed_and_not_to_what_is_assessed_after_it(
    town: Town, case: str, note: str
) -> None:
    asked = ask(town, case, note)
    town.later(minutes=1)
    answer_approval(asked, YES, town.chief, **town.hands)
    town.later(minutes=1)
    about = town.subject_of(case)
    changed = town.order(note, "rektor", answers={"needed_for_purpose": "yes"}, about=about)
    first = town.disclose(changed)
    assert isinstance(first, NotDisclosed)
    town.later(minutes=1)
    assert isinstance(town.disclose(plain(town, note)), NotDisclosed)
    again = ask_approval(replace(plain(town, note), token="again"), town.karin, **town.hands)
    assert isinstance(again, ApprovalAsked)
    answer_approval(again.approval_id, YES, town.chief, **town.hands)
    assert isinstance(town.disclose(plain(town, note)), Disclosed)


def correct(town: Town, case: str, note: str) -> None:
    draft = town.draft(case, text="Rättat.")
    made = correct_note(note, 1, draft, town.karin, token="", **town.hands)
    assert isinstance(made, NoteWritten)


def test_a_question_about_an_older_version_can_no_longer_be_answered(
    town: Town, case: str, note: str
) -> None:
    asked = ask(town, case, note)
    correct(town, case, note)
    outcome = answer_approval(asked, YES, town.chief, **town.hands)
    assert outcome == ApprovalNotAnswered("superseded")
    assert last(town).op == "approval.answer_refused"
    listed = list_approvals(town.chief, **town.hands)
    assert isinstance(listed, ApprovalList)
    assert listed.waiting == ()


def test_nobody_answers_their_own_question(town: Town, note: str, case: str) -> None:
    # A supervisor with a case of her own asks, and is still not the one to answer.
    own = town.case(town.chief, reference="SN 2026/0009")
    hers = town.note(own, town.chief)
    order = ready(town, own, hers)
    outcome = ask_approval(order, town.chief, **town.hands)
    assert isinstance(outcome, ApprovalAsked)
    answered = answer_approval(outcome.approval_id, YES, town.chief, **town.hands)
    assert answered == ApprovalNotAnswered("own_question")
    assert last(town).res == "deny"


def test_nobody_approves_on_an_assessment_of_their_own(town: Town) -> None:
    own = town.case(town.chief, reference="SN 2026/0009")
    hers = town.note(own, town.chief)
    join(town, own, town.karin.staff_id)
    assessed = ready(town, own, hers)
    town.disclose(assessed, town.chief)  # refused by the law; her assessments are kept
    outcome = ask_approval(plain(town, hers), town.karin, **town.hands)
    assert isinstance(outcome, ApprovalAsked)
    answered = answer_approval(outcome.approval_id, YES, town.chief, **town.hands)
    assert answered == ApprovalNotAnswered("own_assessment")


def join(town: Town, case: str, staff_id: str) -> None:
    """Someone more in a case's team, let in by somebody who may."""
    by = town.karin if staff_id == town.chief.staff_id else town.chief
    assert isinstance(change_team(case, staff_id, "let_in", by, **town.hands), TeamChanged)


def test_the_one_who_approved_does_not_decide_on_it(town: Town, case: str, note: str) -> None:
    join(town, case, town.chief.staff_id)
    answer_approval(ask(town, case, note), YES, town.chief, **town.hands)
    assert isinstance(town.disclose(plain(town, note), town.chief), NotDisclosed)
    assert isinstance(town.disclose(plain(town, note), town.karin), Disclosed)


def test_a_case_worker_cannot_answer_and_is_told_nothing(town: Town, case: str, note: str) -> None:
    asked = ask(town, case, note)
    assert isinstance(answer_approval(asked, YES, town.per, **town.hands), NotFound)
    assert isinstance(view_approval(asked, town.per, **town.hands), NotFound)
    assert isinstance(read_approval(asked, town.karin, **town.hands), NotFound)


def test_a_supervisor_of_another_organisation_finds_nothing(
    town: Town, case: str, note: str
) -> None:
    asked = ask(town, case, note)
    operator = Operator(name="tester", ring=town.rings.current("installation"))
    other = _employed(
        "Mats Bro", ORGANISATIONS["police"], frozenset({"supervisor"}), operator, town.store
    )
    for outcome in (
        answer_approval(asked, YES, other, **town.hands),
        view_approval(asked, other, **town.hands),
        read_approval(asked, other, **town.hands),
        withdraw_approval(asked, other, **town.hands),
    ):
        assert isinstance(outcome, NotFound)
    assert count_waiting_approvals(other, at=town.at, store=town.store, law=town.law) == 0


def test_before_the_assessments_there_is_nothing_to_approve(
    town: Town, case: str, note: str
) -> None:
    outcome = ask_approval(plain(town, note), town.karin, **town.hands)
    assert outcome == ApprovalNotAsked("not_ready")
    assert last(town).op == "approval.ask_refused"


def test_an_assessment_of_no_is_kept_though_nothing_was_asked(
    town: Town, case: str, note: str
) -> None:
    order = town.order(
        note, "rektor", answers={"needed_for_purpose": "no"}, about=town.subject_of(case)
    )
    assert isinstance(ask_approval(order, town.karin, **town.hands), ApprovalNotAsked)
    seen = consider_disclosure(order.intent, town.karin, **town.hands)
    assert isinstance(seen, Considered)
    assert [made.assessment.answer for made in seen.recorded] == ["no"]


def test_it_is_asked_once(town: Town, case: str, note: str) -> None:
    ask(town, case, note)
    again = ask_approval(ready(town, case, note), town.karin, **town.hands)
    assert again == ApprovalNotAsked("already")
    waiting = list_approvals(town.chief, **town.hands)
    assert isinstance(waiting, ApprovalList)
    assert len(waiting.waiting) == 1


def test_the_same_form_twice_asks_once_and_gets_the_same_answer(
    town: Town, case: str, note: str
) -> None:
    first = ask_approval(ready(town, case, note, token="t" * 36), town.karin, **town.hands)
    second = ask_approval(ready(town, case, note, token="t" * 36), town.karin, **town.hands)
    assert first == second
    assert last(town).op == "approval.ask_repeated"


def test_a_question_taken_back_is_answered_by_nobody(town: Town, case: str, note: str) -> None:
    asked = ask(town, case, note)
    assert isinstance(withdraw_approval(asked, town.karin, **town.hands), ApprovalWithdrawn)
    outcome = answer_approval(asked, YES, town.chief, **town.hands)
    assert outcome == ApprovalNotAnswered("withdrawn")
    assert isinstance(withdraw_approval(asked, town.karin, **town.hands), ApprovalNotWithdrawn)
    assert ask(town, case, note) != asked  # and can be asked anew


def test_an_answer_stands(town: Town, case: str, note: str) -> None:
    asked = ask(town, case, note)
    answer_approval(asked, YES, town.chief, **town.hands)
    assert isinstance(answer_approval(asked, NO, town.chief, **town.hands), AnsweredAlready)
    assert isinstance(answer_approval(asked, YES, town.chief, **town.hands), ApprovalAnswered)
    assert isinstance(withdraw_approval(asked, town.karin, **town.hands), ApprovalNotWithdrawn)
    assert isinstance(town.disclose(plain(town, note)), Disclosed)


def test_only_the_asker_takes_it_back(town: Town, case: str, note: str) -> None:
    asked = ask(town, case, note)
    join(town, case, town.per.staff_id)
    assert isinstance(withdraw_approval(asked, town.per, **town.hands), NotFound)


def test_what_it_rests_on_is_read_as_an_entry_that_names_the_note(
    town: Town, case: str, note: str
) -> None:
    asked = ask(town, case, note)
    outline = view_approval(asked, town.chief, **town.hands)
    assert isinstance(outline, ApprovalSeen)
    assert outline.basis is None
    assert last(town).op == "approval.viewed"
    read = read_approval(asked, town.chief, **town.hands)
    assert isinstance(read, ApprovalSeen)
    assert read.basis is not None
    assert read.basis.text.text == "Berättar om kontakter med äldre kamrater."
    assert {made.assessment.statement for made in read.basis.assessments} == set(P15A)
    assert last(town).op == "approval.read"
    assert last(town).case_id == case


def test_an_answered_question_gives_nothing_more_to_read(town: Town, case: str, note: str) -> None:
    asked = ask(town, case, note)
    answer_approval(asked, YES, town.chief, **town.hands)
    seen = read_approval(asked, town.chief, **town.hands)
    assert isinstance(seen, ApprovalSeen)
    assert seen.basis is None
    assert seen.approval.reasons == YES.reasons


def test_a_supervisor_whose_role_has_ended_answers_nothing(
    town: Town, case: str, note: str
) -> None:

    asked = ask(town, case, note)
    with town.store.begin(at=town.at) as tx:
        event = happened("role.ended", "allow", town.karin, at=town.at)
        grant = grants_of(tx, town.chief.staff_id)[0]
        end_role_grant(tx, grant.id, at=town.at, entry_id=event.id)
        tx.record(event, sealer=event_sealer(town.rings.current("soc"), None))
    assert isinstance(answer_approval(asked, YES, town.chief, **town.hands), NotFound)


def test_an_answer_written_into_the_table_opens_nothing(town: Town, case: str, note: str) -> None:
    asked = ask(town, case, note)
    answer_approval(asked, NO, town.chief, **town.hands)
    with town.store.engine.begin() as connection:
        connection.execute(
            sqlalchemy.update(approval).where(approval.c.id == asked).values(answer="yes")
        )
    with pytest.raises(SealBroken):
        town.disclose(plain(town, note))


def test_the_page_of_a_decision_tells_who_can_answer(town: Town, case: str, note: str) -> None:
    town.at += timedelta(minutes=1)
    seen = consider_disclosure(plain(town, note).intent, town.karin, **town.hands)
    assert isinstance(seen, Considered)
    assert [one.name for one in seen.approvers] == ["Eva Dahl"]
