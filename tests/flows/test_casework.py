"""Cases and notes inside one organisation: the team sees them, nobody else does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.case import parse_reference
from app.domain.problem import Problem
from app.domain.subject import Identity
from app.flows.add_person import PersonAdded, add_person
from app.flows.list_cases import list_cases
from app.flows.not_found import NotFound
from app.flows.read_notes import NotesRead, read_notes, read_versions
from app.flows.start_case import CaseNotStarted, CaseStarted, start_case
from app.flows.view_case import CasePage, view_case
from app.flows.write_note import NoteNotWritten, NoteWritten, correct_note, write_note


def _cases(town, actor):
    return list_cases(actor, at=town.at, store=town.store, rings=town.rings)


def test_a_case_is_listed_for_its_team_only(town) -> None:
    case = town.case()
    assert [line.case.id for line in _cases(town, town.karin)] == [case]
    assert _cases(town, town.per) == ()
    assert _cases(town, town.sara) == ()


def test_a_listing_leaves_an_entry_with_its_count_and_no_names(town) -> None:
    town.case()
    _cases(town, town.karin)
    assert town.ops()[-1] == "case.listed"


def test_a_search_leaves_an_entry_with_the_count_of_what_was_found(town) -> None:
    town.case(reference="SN 2026/0001")
    town.case(reference="SN 2026/0002", name="Bo Övningsson")
    hands = {"at": town.at, "store": town.store, "rings": town.rings}
    assert len(list_cases(town.karin, sought="övningsson", **hands)) == 1
    assert town.ops()[-1] == "case.searched"
    assert list_cases(town.karin, sought="2009", **hands) == ()
    assert town.ops()[-1] == "case.searched"


def test_a_case_number_is_used_once_in_an_organisation(town) -> None:
    town.case()
    identity = Identity(name="Någon Annan")
    again = start_case(identity, "SN 2026/0001", town.karin, token="", **town.hands)
    assert isinstance(again, CaseNotStarted)
    elsewhere = start_case(identity, "SN 2026/0001", town.sara, token="", **town.hands)
    assert isinstance(elsewhere, CaseStarted)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("sn  2026/0417", "SN 2026/0417"),
        ("BUN-2026:12", "BUN-2026:12"),
        ("5000-k123456-26", "5000-K123456-26"),
        ("am-12345-26", "AM-12345-26"),
    ],
)
def test_a_case_number_is_kept_in_capitals(typed: str, kept: str) -> None:
    assert parse_reference(typed) == kept


@pytest.mark.parametrize(
    "typed", ["Elliot", "20090501-2399", "Elliot 090501-2399", "0905-K01-2399", "SN ٢٠٢٦/1"]
)
def test_what_may_be_a_person_is_no_case_number(typed: str) -> None:
    assert isinstance(parse_reference(typed), Problem)


def test_the_same_form_sent_twice_starts_one_case(town) -> None:
    identity = Identity(name="Vera Exempelsson")
    sent = [
        start_case(identity, "SN 2026/0009", town.karin, token="once", **town.hands)
        for _ in range(2)
    ]
    assert sent[0] == sent[1]
    assert len(_cases(town, town.karin)) == 1


def test_a_supervisor_reads_no_notes(town) -> None:
    case = town.case()
    note = town.note(case)
    assert isinstance(view_case(case, town.chief, **town.hands), NotFound)
    assert isinstance(read_notes(case, [note], town.chief, **town.hands), NotFound)


def test_a_case_page_shows_titles_and_no_texts(town) -> None:
    case = town.case()
    town.note(case, title="Hembesök")
    page = view_case(case, town.karin, **town.hands)
    assert isinstance(page, CasePage)
    assert [note.head.title for note in page.notes] == ["Hembesök"]
    assert "äldre kamrater" not in repr(page)


def test_reading_names_every_note_shown_in_one_entry(town) -> None:
    case = town.case()
    notes = [town.note(case), town.note(case)]
    before = len(town.entries())
    read = read_notes(case, notes, town.karin, **town.hands)
    assert isinstance(read, NotesRead)
    assert len(read.texts) == 2
    assert len(town.entries()) == before + 1


def test_a_note_of_another_case_makes_the_whole_reading_fail(town) -> None:
    mine, other = town.case(), town.case(reference="SN 2026/0002")
    notes = [town.note(mine), town.note(other)]
    assert isinstance(read_notes(mine, notes, town.karin, **town.hands), NotFound)


def test_a_correction_adds_a_version_and_the_old_one_stays(town) -> None:
    case = town.case()
    note = town.note(case)
    draft = town.draft(case, text="Rättad text.")
    assert correct_note(note, 1, draft, town.karin, token="", **town.hands) == NoteWritten(
        note, case, 2
    )
    versions = read_versions(note, town.karin, **town.hands)
    assert isinstance(versions, NotesRead)
    assert [text.text for text in versions.texts] == [
        "Rättad text.",
        "Berättar om kontakter med äldre kamrater.",
    ]
    newest = read_notes(case, [note], town.karin, **town.hands)
    assert [text.text for text in newest.texts] == ["Rättad text."]


def test_two_corrections_of_the_same_version_do_not_overwrite_each_other(town) -> None:
    case = town.case()
    note = town.note(case)
    correct_note(note, 1, town.draft(case, text="Först."), town.karin, token="", **town.hands)
    second = correct_note(
        note, 1, town.draft(case, text="Sedan."), town.karin, token="", **town.hands
    )
    assert isinstance(second, NoteNotWritten)
    assert second.problems[0].code == "corrected_meanwhile"


def test_a_note_cannot_describe_someone_from_another_case(town) -> None:
    case, other = town.case(), town.case(reference="SN 2026/0002")
    draft = replace(town.draft(case), described=(town.subject_of(other),))
    outcome = write_note(case, draft, town.karin, token="", **town.hands)
    assert isinstance(outcome, NoteNotWritten)
    assert town.ops()[-1] == "note.write_refused"


def test_a_guardian_added_to_the_case_can_be_described(town) -> None:
    case = town.case()
    added = add_person(
        case, Identity(name="Mor Exempelsson"), "guardian", town.karin, token="", **town.hands
    )
    assert isinstance(added, PersonAdded)
    note = town.note(case, described=(added.subject_id,))
    page = view_case(case, town.karin, **town.hands)
    assert page.notes[0].id == note
    assert {person.relation for person in page.persons} == {"subject", "guardian"}


@pytest.mark.parametrize("who", ["per", "sara", "chief"])
def test_writing_in_a_case_that_is_not_yours_is_refused_and_told(town, who: str) -> None:
    case = town.case()
    actor = getattr(town, who)
    outcome = write_note(case, town.draft(case), actor, token="", **town.hands)
    assert isinstance(outcome, NotFound)
    assert town.ops(actor.organisation_id)[-1] == "note.case_not_found"


def test_a_case_that_does_not_exist_looks_like_one_that_is_not_yours(town) -> None:
    case = town.case()
    absent = case[:-4] + "0000"
    assert view_case(case, town.per, **town.hands) == view_case(absent, town.per, **town.hands)
