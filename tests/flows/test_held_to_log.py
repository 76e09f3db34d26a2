"""Whoever writes rows by hand in the database cannot have the log tell something else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy

from app.flows import disclose_note as disclosing
from app.flows.disclose_note import Disclosed
from app.flows.read_notes import read_notes
from app.flows.record_consent import withdraw_consent
from app.flows.review_trail import Trail, review_trail
from app.flows.rows_held import RowsDiffer
from app.flows.work_export import Gathering, WaitingForSeal
from app.flows.write_note import NoteWritten, correct_note
from audit.check import Checked, NotChecked
from audit.verify import verify_export
from audit.zipped import as_folder
from tests.flows.by_hand import by_hand
from tests.flows.test_exporting import WHOLE, Desk, busy, desk

__all__ = ["busy", "desk"]

CHANGES = {
    "another act": "UPDATE audit_view SET op = 'case.viewed' WHERE n = :n",
    "another result": "UPDATE audit_view SET res = 'deny' WHERE n = :n",
    "another day": "UPDATE audit_view SET at = '2020-01-01 00:00:00' WHERE n = :n",
    "another person": "UPDATE audit_view SET staff_id = :staff WHERE n = :n",
    "another entry": "UPDATE audit_view SET id = :other WHERE n = :n",
}
GONE = "DELETE FROM audit_view WHERE n = :n"


def index_of(desk: Desk, op: str) -> int:
    return [one.n for one in desk.town.entries() if one.op == op][-1]


def change(desk: Desk, name: str, n: int) -> None:
    others = {":staff": desk.town.sara.staff_id, ":other": desk.town.entries()[0].id}
    statement = CHANGES[name]
    asked = {key[1:]: value for key, value in others.items() if key in statement}
    by_hand(desk.town, statement, n=n, **asked)


@pytest.fixture
def read(desk: Desk, busy: str) -> int:
    """The index of a sealed entry by which Karin read a note in the case."""
    town = desk.town
    read_notes(busy, [town.note(busy)], town.karin, **town.hands)
    desk.seal()
    return index_of(desk, "note.read")


def trail(desk: Desk, case: str) -> Trail:
    found = review_trail(case, desk.town.chief, log_keys=desk.worker.log_keys, **desk.town.hands)
    assert isinstance(found, Trail)
    return found


def test_the_trail_of_a_case_that_nobody_touched_holds(desk: Desk, busy: str, read: int) -> None:
    found = trail(desk, busy)
    assert all(isinstance(row.check, Checked) for row in found.rows)
    assert found.missing == 0


@pytest.mark.parametrize("name", CHANGES)
def test_the_trail_tells_what_the_entry_says_and_that_the_index_differs(
    desk: Desk, busy: str, read: int, name: str
) -> None:
    before = {row.entry.n: row.entry for row in trail(desk, busy).rows}
    desk.seal()
    change(desk, name, read)
    [row] = [row for row in trail(desk, busy).rows if row.check == NotChecked("index-differs")]
    assert row.entry == before[read]


def test_what_is_not_sealed_yet_is_held_to_its_entry_too(desk: Desk, busy: str) -> None:
    change(desk, "another act", index_of(desk, "note.disclosed"))
    assert NotChecked("index-differs") in [row.check for row in trail(desk, busy).rows]


@pytest.mark.parametrize("which", ["in the middle", "the last"])
def test_the_trail_tells_that_an_entry_is_gone_from_the_index(
    desk: Desk, busy: str, read: int, which: str
) -> None:
    n = read if which == "the last" else index_of(desk, "note.disclosure_refused")
    by_hand(desk.town, GONE, n=n)
    assert trail(desk, busy).missing == 1


@pytest.mark.parametrize("hidden", [GONE, "UPDATE audit_view SET case_id = NULL WHERE n = :n"])
def test_the_last_entry_is_missed_also_when_the_count_is_lowered_with_it(
    desk: Desk, busy: str, read: int, hidden: str
) -> None:
    by_hand(desk.town, hidden, n=read)
    lowered = "UPDATE audit_counter SET k = k - 1 WHERE scope = :scope"
    by_hand(desk.town, lowered, scope=f"case:{busy}")
    assert trail(desk, busy).missing == 1


def test_an_entry_put_on_another_case_is_told_on_both(desk: Desk, busy: str, read: int) -> None:
    other = desk.town.case(reference="SN 2026/0009")
    by_hand(desk.town, "UPDATE audit_view SET case_id = :other WHERE n = :n", n=read, other=other)
    assert trail(desk, busy).missing == 1
    assert NotChecked("object-missing") in [row.check for row in trail(desk, other).rows]


def step_through(desk: Desk, case: str | None) -> object:
    """Make an export of the case, or of the organisation, as far as its tables."""
    terms = replace(WHOLE, kind="case", case_id=case) if case else WHOLE
    job = desk.order(terms)
    desk.release(job)
    while isinstance(done := desk.step(job), Gathering):
        pass
    return done


def refused(desk: Desk, case: str | None, n: int) -> None:
    """No export of it is written, and the log tells which entry the database contradicts."""
    with pytest.raises(RowsDiffer, match=f"entry {n} "):
        step_through(desk, case)
    assert desk.town.ops()[-1] == "export.rows_differ"


@pytest.mark.parametrize("name", CHANGES)
def test_no_export_is_written_over_an_index_that_says_otherwise(
    desk: Desk, busy: str, read: int, name: str
) -> None:
    change(desk, name, read)
    refused(desk, busy, read)


@pytest.mark.parametrize("whole", [False, True])
def test_no_export_is_written_without_an_entry_that_is_gone_from_the_index(
    desk: Desk, busy: str, read: int, whole: bool
) -> None:
    by_hand(desk.town, GONE, n=read)
    refused(desk, None if whole else busy, read)


ROWS = {
    "the recipient": "UPDATE disclosure SET recipient_id = 'school'",
    "the purpose": "UPDATE disclosure SET purpose = 'other'",
    "the outcome": "UPDATE disclosure SET outcome = 'must'",
    "the grounds": "UPDATE disclosure SET grounds = '[\"P-1\"]'",
    "the pack": "UPDATE disclosure SET pack = 'another'",
    "the decider": "UPDATE disclosure SET decided_by = :other",
    "the consents": "UPDATE disclosure SET consents = '[\"another\"]'",
    "the delegation": "UPDATE disclosure SET delegation_item = '9.9'",
    "the day": "UPDATE disclosure SET decided_at = '2020-01-01 00:00:00'",
    "that it was stopped": "UPDATE disclosure SET stopped_at = decided_at",
    "that it was stopped, with an entry": (
        "UPDATE disclosure SET stopped_at = decided_at, stop_audit_id = audit_id"
    ),
    "that it was made": "DELETE FROM disclosure",
    "whom a refusal was about": "UPDATE refusal SET recipient_id = 'school'",
    "what stood in the way": "UPDATE refusal SET outcome = 'stop'",
    "that it was refused": "DELETE FROM refusal",
    "the answer to a consent": "UPDATE consent SET answer = 'refused'",
    "how long a consent lasts": "UPDATE consent SET valid_until = '2099-01-01'",
    "that a consent was withdrawn": "UPDATE consent SET withdrawn_at = recorded_at",
    "that a consent was asked for": "DELETE FROM consent",
}
MADE_BY = {
    "disclosure": "note.disclosed",
    "refusal": "note.disclosure_refused",
    "consent": "consent.recorded",
}


@pytest.mark.parametrize("name", ROWS)
def test_no_export_is_written_over_a_row_that_says_otherwise_than_its_entry(
    desk: Desk, busy: str, name: str
) -> None:
    statement = ROWS[name]
    [op] = [op for table, op in MADE_BY.items() if f" {table}" in f" {statement}".split(" SET")[0]]
    other = {"other": desk.town.chief.staff_id} if ":other" in statement else {}
    by_hand(desk.town, statement, **other)
    refused(desk, busy, index_of(desk, op))


def test_what_was_stopped_or_withdrawn_must_be_told_as_such(desk: Desk, busy: str) -> None:
    town = desk.town
    [consent] = by_query(desk, "SELECT id FROM consent")
    withdraw_consent(busy, consent, town.karin, **town.hands)
    assert isinstance(step_through(desk, busy), WaitingForSeal)
    by_hand(desk.town, "UPDATE consent SET withdrawn_at = NULL, withdrawal_audit_id = NULL")
    with pytest.raises(RowsDiffer):
        step_through(desk, busy)


def test_what_a_withdrawal_stopped_must_be_told_as_stopped(desk: Desk, busy: str) -> None:
    """The entry of the withdrawal names the disclosures that it stopped on their way."""
    town = desk.town
    case = town.case(born=date(2000, 1, 1), reference="SN 2026/0007")
    consent = town.consent(case, "school")
    made = town.disclose(town.order(town.note(case), "school", "care_or_support"))
    assert isinstance(made, Disclosed)
    withdraw_consent(case, consent, town.karin, **town.hands)
    assert isinstance(step_through(desk, case), WaitingForSeal)
    cleared = "UPDATE disclosure SET stopped_at = NULL, stop_audit_id = NULL WHERE id = :id"
    by_hand(desk.town, cleared, id=made.disclosure_id)
    refused(desk, case, index_of(desk, "consent.withdrawn"))


@pytest.mark.parametrize("how", ["withdrawn", "outside its days"])
def test_an_export_tells_of_a_disclosure_on_a_consent_that_did_not_hold(
    desk: Desk, busy: str, how: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Made where the gate did not hold consents to the log, and the row put back afterwards."""
    town = desk.town
    monkeypatch.setattr(
        disclosing, "hold_to_log", lambda tx, opened, note, gathered, intent: gathered
    )
    case = town.case(born=date(2000, 1, 1), reference="SN 2026/0007")
    consent = town.consent(case, "school")
    order = town.order(town.note(case), "school", "care_or_support")
    if how == "withdrawn":
        withdraw_consent(case, consent, town.karin, **town.hands)
        row = "SELECT withdrawn_at, withdrawal_audit_id FROM consent WHERE id = :id"
        forged = "SET withdrawn_at = NULL, withdrawal_audit_id = NULL"
        back = "SET withdrawn_at = :a, withdrawal_audit_id = :b"
    else:
        town.later(days=200)
        row = "SELECT valid_until, id FROM consent WHERE id = :id"
        forged, back = "SET valid_until = '2099-01-01'", "SET valid_until = :a"
    with town.store.engine.begin() as connection:
        a, b = connection.execute(sqlalchemy.text(row), {"id": consent}).one()
    by_hand(desk.town, f"UPDATE consent {forged} WHERE id = :id", id=consent)
    assert isinstance(town.disclose(order), Disclosed)
    kept = {"a": a, "b": b} if how == "withdrawn" else {"a": a}
    by_hand(desk.town, f"UPDATE consent {back} WHERE id = :id", id=consent, **kept)
    job, answer = desk.make(WHOLE), "which was withdrawn" if how == "withdrawn" else "did not last"
    zipped = tmp_path / "export.zip"
    zipped.write_bytes(desk.fetch(job))
    with as_folder(zipped) as folder:
        report = verify_export(folder, desk.worker.log_keys)
    assert report.verified, report.words()
    [remark] = report.remarks
    assert (remark.kind, remark.index) == (
        "consent-did-not-hold",
        index_of(desk, "note.disclosed"),
    )
    assert answer in remark.message
    assert remark.words() in report.words()


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM note_version WHERE note_id = :note AND version = 2",
        "UPDATE note_version SET ct_hash = :hash WHERE note_id = :note AND version = 2",
    ],
)
def test_no_export_is_written_without_a_version_of_a_note_that_its_entry_wrote(
    desk: Desk, busy: str, change: str
) -> None:
    town = desk.town
    note = town.note(busy)
    again = town.draft(busy, title="Rättat")
    corrected = correct_note(note, 1, again, town.karin, token="", **town.hands)
    assert isinstance(corrected, NoteWritten)
    values = {"note": note} | ({"hash": "0" * 64} if ":hash" in change else {})
    by_hand(town, change, **values)
    refused(desk, busy, index_of(desk, "note.corrected"))


ANSWERS = {
    "who answered": "UPDATE answer SET by_staff = :staff",
    "for whom": "UPDATE answer SET recipient_id = 'school'",
    "when": "UPDATE answer SET at = '2020-01-01 00:00:00'",
    "that it was answered": "DELETE FROM answer",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_no_export_is_written_over_an_answer_that_was_moved(
    desk: Desk, busy: str, name: str
) -> None:
    statement = ANSWERS[name]
    other = {"staff": desk.town.chief.staff_id} if ":staff" in statement else {}
    by_hand(desk.town, statement, **other)
    refused(desk, busy, index_of(desk, "note.disclosed"))


def by_query(desk: Desk, statement: str) -> list[str]:
    with desk.town.store.engine.begin() as connection:
        return list(connection.execute(sqlalchemy.text(statement)).scalars())


ORDERS = {
    "that it begins later": "UPDATE export_job SET start = stop - 1",
    "that it ends earlier": "UPDATE export_job SET stop = 1",
    "that it is about another case": "UPDATE export_job SET case_id = :case",
    "that it is about a case alone": "UPDATE export_job SET case_id = :busy",
    "who released it": "UPDATE export_job SET decided_by = :other",
    "when": "UPDATE export_job SET decided_at = '2020-01-01 00:00:00'",
    "which entry released it": "UPDATE export_job SET decision_audit_id = audit_id",
    "that no entry did": "UPDATE export_job SET decision_audit_id = NULL",
}


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("written", [False, True])
def test_nothing_is_made_of_an_order_that_says_otherwise_than_the_entry_that_released_it(
    desk: Desk, busy: str, name: str, written: bool
) -> None:
    town = desk.town
    terms = WHOLE if "alone" in name else replace(WHOLE, kind="case", case_id=busy)
    job = desk.order(terms)
    desk.release(job)
    while written and not isinstance(desk.step(job), WaitingForSeal):
        pass
    if written:
        desk.seal()
    others = {
        ":case": town.case(reference="SN 2026/0010"),
        ":busy": busy,
        ":other": town.sara.staff_id,
    }
    statement = ORDERS[name]
    by_hand(desk.town, statement, **{key[1:]: it for key, it in others.items() if key in statement})
    with pytest.raises(RowsDiffer):
        desk.step(job)
    assert town.ops()[-1] == "export.rows_differ"


def test_an_order_that_nobody_has_released_cannot_be_made_released_by_hand(
    desk: Desk, busy: str
) -> None:
    job = desk.order(replace(WHOLE, kind="case", case_id=busy))
    by_hand(
        desk.town,
        "UPDATE export_job SET state = 'released', stop = 99, decided_by = :other, "
        "decided_at = ordered_at",
        other=desk.town.sara.staff_id,
    )
    with pytest.raises(RowsDiffer):
        desk.step(job)
