"""Nothing is disclosed on a row that says otherwise than the log of the case."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.domain.approval import ApprovalAnswer
from app.domain.disclosure import Circumstance
from app.flows.answer_approval import answer_approval
from app.flows.ask_approval import ApprovalAsked, ask_approval
from app.flows.disclose_note import Disclosed, NotDisclosed
from app.flows.read_notes import NotesRead, read_note, read_versions
from app.flows.record_consent import withdraw_consent
from app.flows.write_note import NoteNotWritten, NoteWritten, correct_note
from tests.flows.by_hand import by_hand


@pytest.fixture
def case(town) -> str:
    return town.case(born=date(2000, 1, 1))


def by_consent(town, case: str):
    return town.order(town.note(case), "school", "care_or_support")


def withdraw(town, case: str, consent: str) -> None:
    withdraw_consent(case, consent, town.karin, **town.hands)


def refused(town, order, reason: str, last_detail) -> None:
    outcome = town.disclose(order)
    assert isinstance(outcome, NotDisclosed), outcome
    assert outcome.reason == reason
    assert town.ops()[-1] == "note.disclosure_refused"
    assert last_detail(outcome.case_id)["reason"] == reason


@pytest.mark.parametrize(
    "row",
    ["UPDATE note_version SET author_id = :per", "UPDATE note_version SET written_at = :earlier"],
)
def test_a_note_that_another_is_said_to_have_written_is_told_and_not_disclosed(
    town, case, row: str, last_detail
) -> None:
    note = town.note(case)
    town.consent(case, "school")
    values = {"per": town.per.staff_id, "earlier": "2026-10-01 08:00:00.000000"}
    by_hand(town, row, **{name: it for name, it in values.items() if f":{name}" in row})
    read = read_note(note, town.karin, **town.hands)
    assert isinstance(read, NotesRead)
    assert [one.line.id for one in read.unlike_log] == [note]
    refused(town, town.order(note, "school", "care_or_support"), "note_differs", last_detail)


UNWITHDRAWN = "UPDATE consent SET withdrawn_at = NULL, withdrawal_audit_id = NULL"


def test_a_consent_that_nobody_touched_lets_the_note_out(town, case) -> None:
    town.consent(case, "school")
    assert isinstance(town.disclose(by_consent(town, case)), Disclosed)


def test_a_withdrawal_that_was_taken_out_of_the_row_still_counts(town, case, last_detail) -> None:
    withdraw(town, case, town.consent(case, "school"))
    by_hand(town, UNWITHDRAWN)
    refused(town, by_consent(town, case), "consent_withdrawn", last_detail)


@pytest.mark.parametrize(
    "row",
    [
        "UPDATE consent SET valid_until = '2099-01-01'",
        "UPDATE consent SET recipient_id = 'school' WHERE recipient_id = 'region'",
        "UPDATE consent SET recorded_at = '2020-01-01 00:00:00'",
        "UPDATE consent SET answer = 'given' WHERE answer = 'refused'",
        "DELETE FROM consent WHERE answer = 'refused'",
        "UPDATE consent SET withdrawn_at = recorded_at, withdrawal_audit_id = audit_id",
    ],
)
def test_a_consent_that_says_otherwise_than_its_entry_lets_nothing_out(
    town, case, row, last_detail
) -> None:
    town.consent(case, "region")
    town.consent(case, "school")
    town.later(minutes=1)
    town.consent(case, "school", answer="refused", giver="guardian")
    by_hand(town, row)
    refused(town, by_consent(town, case), "consent_differs", last_detail)


@pytest.mark.parametrize(
    "index",
    [
        "DELETE FROM audit_view WHERE op = 'consent.withdrawn'",
        "UPDATE audit_view SET op = 'case.viewed' WHERE op = 'consent.withdrawn'",
        "UPDATE audit_view SET case_id = NULL WHERE op = 'consent.withdrawn'",
    ],
)
def test_a_withdrawal_that_was_hidden_in_the_index_too_lets_nothing_out(
    town, case, index, last_detail
) -> None:
    withdraw(town, case, town.consent(case, "school"))
    by_hand(town, UNWITHDRAWN, index)
    refused(town, by_consent(town, case), "index_differs", last_detail)


def test_a_withdrawal_hidden_with_the_count_of_the_case_lets_nothing_out(
    town, case, last_detail
) -> None:
    note = town.note(case)
    withdraw(town, case, town.consent(case, "school"))
    lowered = "UPDATE audit_counter SET k = k - 1 WHERE scope = :scope"
    hidden = "DELETE FROM audit_view WHERE op = 'consent.withdrawn'"
    by_hand(town, UNWITHDRAWN, hidden)
    by_hand(town, lowered, scope=f"case:{case}")
    refused(town, town.order(note, "school", "care_or_support"), "index_differs", last_detail)


def test_a_note_whose_correction_was_deleted_is_not_disclosed(town, case, last_detail) -> None:
    town.consent(case, "school")
    order = by_consent(town, case)
    note = order.intent.note_id
    corrected = correct_note(note, 1, town.draft(case), town.karin, token="", **town.hands)
    assert isinstance(corrected, NoteWritten)
    by_hand(town, "DELETE FROM note_version WHERE version = 2")
    refused(town, order, "note_differs", last_detail)


@pytest.mark.parametrize("read", [read_note, read_versions])
def test_whoever_reads_a_note_whose_correction_was_deleted_is_told_so(town, case, read) -> None:
    note = town.note(case)
    correct_note(note, 1, town.draft(case, title="Rättat"), town.karin, token="", **town.hands)
    whole = read(note, town.karin, **town.hands)
    assert isinstance(whole, NotesRead)
    assert whole.unlike_log == ()
    by_hand(town, "DELETE FROM note_version WHERE version = 2")
    told = read(note, town.karin, **town.hands)
    assert isinstance(told, NotesRead)
    assert [(one.line.id, one.line.version) for one in told.unlike_log] == [(note, 1)]


def test_a_correction_that_was_deleted_is_not_written_again_under_its_number(town, case) -> None:
    note, draft = town.note(case), town.draft(case)
    assert isinstance(correct_note(note, 1, draft, town.karin, token="", **town.hands), NoteWritten)
    by_hand(town, "DELETE FROM note_version WHERE version = 2")
    again = correct_note(note, 1, draft, town.karin, token="", **town.hands)
    assert isinstance(again, NoteNotWritten)
    assert [one.code for one in again.problems] == ["note_differs"]
    assert town.ops()[-1] == "note.write_refused"


def test_a_correction_deleted_and_written_again_is_not_disclosed(
    town, case, last_detail, monkeypatch
) -> None:
    """As one could be before it was refused."""
    monkeypatch.setattr("app.flows.write_note.unlike_newest", lambda *_: ())
    town.consent(case, "school")
    order = town.order(town.note(case), "school", "care_or_support", version=2)
    note, draft = order.intent.note_id, town.draft(case)
    assert isinstance(correct_note(note, 1, draft, town.karin, token="", **town.hands), NoteWritten)
    by_hand(town, "DELETE FROM note_version WHERE version = 2")
    assert isinstance(correct_note(note, 1, draft, town.karin, token="", **town.hands), NoteWritten)
    refused(town, order, "note_differs", last_detail)


def test_a_no_that_was_deleted_still_counts(town, case, last_detail) -> None:
    """A recorded no must not be asked again until somebody gives another answer."""
    note, about = town.note(case), town.subject_of(case)
    [first, *_] = town.statements("P-18a")
    town.disclose(town.order(note, answers={first: "no"}, about=about))
    town.later(minutes=1)
    by_hand(town, "DELETE FROM answer")
    rest = dict.fromkeys(town.statements("P-18a"), "yes")
    refused(town, town.order(note, answers=rest, about=about), "answer_differs", last_detail)


def test_what_is_told_of_another_person_stops_nothing(town, case) -> None:
    """Only what the answer could rest on is in the way."""
    other = town.case(born=date(2001, 1, 1), reference="SN 2026/0002")
    consent = town.consent(other, "school")
    town.consent(case, "school")
    by_hand(town, "UPDATE consent SET valid_until = '2099-01-01' WHERE id = :id", id=consent)
    town.at += timedelta(minutes=1)
    assert isinstance(town.disclose(by_consent(town, case)), Disclosed)


STATED = {
    "whose initiative it is": {"initiative": "request"},
    "that the requester was checked": {"requester_verified": "yes"},
    "that an investigation is open": {"investigation_open": "yes"},
    "something out of the ordinary": {"quiet": frozenset({"private_use"})},
}
YES = ApprovalAnswer(answer="yes", reasons="Behövs för att förebygga brott, inget talar emot.")


def approved(town, case: str):
    """An order to the school that a supervisor has said yes to, without what it assessed."""
    note, about = town.note(case), town.subject_of(case)
    answers = dict.fromkeys(("needed_for_purpose", "no_predominant_reasons"), "yes")
    asked = ask_approval(
        town.order(note, "rektor", answers=answers, about=about), town.karin, **town.hands
    )
    assert isinstance(asked, ApprovalAsked)
    answer_approval(asked.approval_id, YES, town.chief, **town.hands)
    return town.order(note, "rektor"), about


@pytest.mark.parametrize("what", [*STATED, "a fact about the person"])
def test_a_yes_to_something_else_than_is_stated_now_lets_nothing_out(
    town, case, what, last_detail
) -> None:
    order, about = approved(town, case)
    fact = Circumstance(subject_id=about, fact="pregnant", answer="yes")
    changes = STATED.get(what, {"circumstances": (fact,)})
    changed = replace(order, intent=replace(order.intent, **changes))
    refused(town, changed, "approval_lapsed", last_detail)
    if what in STATED:
        assert isinstance(town.disclose(order), Disclosed), "what was approved still is"


def test_a_yes_to_what_is_stated_now_is_asked_for_anew(town, case) -> None:
    order, _ = approved(town, case)
    changed = replace(order, intent=replace(order.intent, initiative="request"))
    again = ask_approval(changed, town.karin, **town.hands)
    assert isinstance(again, ApprovalAsked)
    answer_approval(again.approval_id, YES, town.chief, **town.hands)
    assert isinstance(town.disclose(changed), Disclosed)


def test_nothing_leaves_without_the_row_of_an_approval(town, case, last_detail) -> None:
    order, _ = approved(town, case)
    by_hand(town, "DELETE FROM approval")
    refused(town, order, "approval_differs", last_detail)
