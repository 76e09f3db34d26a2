"""A case is closed and opened again by its team: read as before, and nothing new written in it."""

from __future__ import annotations

from app.flows.close_case import CaseStateSet, set_case_state
from app.flows.not_found import NotFound
from app.flows.read_notes import NotesRead, read_note
from app.flows.review_signals import SignalsSeen, see_signals
from app.flows.view_case import CasePage, view_case
from app.flows.write_note import NoteNotWritten, NoteWritten, correct_note, write_note


def _set(town, case: str, state: str, actor=None) -> object:
    town.later(seconds=1)
    return set_case_state(case, state, actor or town.karin, **town.hands)


def _write(town, case: str) -> object:
    town.later(seconds=1)
    return write_note(case, town.draft(case), town.karin, token="", **town.hands)


def test_a_closed_case_is_read_by_its_team_and_takes_no_new_note(town) -> None:
    case = town.case()
    note = town.note(case)
    assert _set(town, case, "closed") == CaseStateSet("closed")
    assert isinstance(read_note(note, town.karin, **town.hands), NotesRead)
    refused = _write(town, case)
    assert isinstance(refused, NoteNotWritten)
    assert [one.code for one in refused.problems] == ["case_closed"]
    assert town.ops()[-1] == "note.write_refused"


def test_what_is_wrong_in_it_can_still_be_corrected(town) -> None:
    case = town.case()
    note = town.note(case)
    _set(town, case, "closed")
    draft = town.draft(case, text="Rättat.")
    assert isinstance(correct_note(note, 1, draft, town.karin, token="", **town.hands), NoteWritten)


def test_an_opened_case_takes_notes_again_and_both_are_entries(town) -> None:
    case = town.case()
    _set(town, case, "closed")
    assert _set(town, case, "open") == CaseStateSet("open")
    seen = view_case(case, town.karin, **town.hands)
    assert isinstance(seen, CasePage)
    assert seen.case.closed_at is None
    assert isinstance(_write(town, case), NoteWritten)
    assert [op for op in town.ops() if op.startswith("case.") and op != "case.viewed"][-2:] == [
        "case.closed",
        "case.reopened",
    ]


def test_closing_twice_keeps_the_first_time(town) -> None:
    case = town.case()
    _set(town, case, "closed")
    first = view_case(case, town.karin, **town.hands).case.closed_at
    town.later(days=3)
    assert _set(town, case, "closed") == CaseStateSet("closed", again=True)
    assert view_case(case, town.karin, **town.hands).case.closed_at == first
    assert "case.state_repeated" in town.ops()


def test_nobody_outside_the_team_closes_it(town) -> None:
    case = town.case()
    for other in (town.per, town.chief, town.sara):
        assert isinstance(_set(town, case, "closed", other), NotFound)
    assert view_case(case, town.karin, **town.hands).case.is_open


def _signals(town) -> list[str]:
    seen = see_signals(town.chief, **town.hands)
    assert isinstance(seen, SignalsSeen)
    return [one.signal.kind for one in seen.lines]


def test_a_reading_long_after_the_closing_is_a_signal(town) -> None:
    case = town.case()
    note = town.note(case)
    _set(town, case, "closed")
    town.later(days=35)
    assert "after_closing" not in _signals(town)
    read_note(note, town.karin, **town.hands)
    town.later(hours=1)
    assert "after_closing" in _signals(town)


def test_a_reading_in_a_case_that_was_opened_again_is_none(town) -> None:
    case = town.case()
    note = town.note(case)
    _set(town, case, "closed")
    town.later(days=35)
    _set(town, case, "open")
    read_note(note, town.karin, **town.hands)
    town.later(hours=1)
    assert "after_closing" not in _signals(town)
