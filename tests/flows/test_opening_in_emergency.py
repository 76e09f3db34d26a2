"""Break-glass: who can, for how long, who is told, and what it does not open."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.emergency import EmergencyOpening, parse_reason
from app.domain.ids import new_id
from app.domain.problem import Problem
from app.domain.subject import Identity
from app.flows.answered_already import AnsweredAlready
from app.flows.find_case import find_case
from app.flows.not_found import NotFound
from app.flows.open_in_emergency import (
    NotOpened,
    OpenedInEmergency,
    Openings,
    confirm_opening,
    list_openings,
    open_in_emergency,
)
from app.flows.read_notes import NotesRead, read_notes
from app.flows.review_emergency import (
    OpeningsSeen,
    Reviewed,
    Unreviewed,
    review_opening,
    see_openings,
    unreviewed_openings,
)
from app.flows.start_case import CaseStarted, start_case
from app.flows.view_case import CasePage, view_case
from app.keys import SealBroken
from app.records.emergency import emergency_opening
from tests.flows.by_hand import by_hand

WHY = "Pojken är försvunnen och hans mamma är på väg hit."
NUMBER = "SN 2026/0001"


def ask(town, who="per", reference=NUMBER, token="") -> OpenedInEmergency | NotOpened | NotFound:
    return open_in_emergency(reference, WHY, getattr(town, who), token=token, **town.hands)


def guarded(town) -> str:
    """A case on somebody of whom it is not known whether they have protected identity."""
    identity = Identity(name="Vilma Skyddsson", born=None, protected="unknown")
    started = start_case(identity, NUMBER, town.karin, token="", **town.hands)
    assert isinstance(started, CaseStarted)
    return started.case_id


def seen(town, who="chief") -> list[EmergencyOpening]:
    found = see_openings(getattr(town, who), **town.hands)
    assert isinstance(found, OpeningsSeen)
    return [line.opening for line in found.lines]


def told(town, who="chief") -> Unreviewed:
    return unreviewed_openings(getattr(town, who), at=town.at, store=town.store, law=town.law)


def test_it_opens_the_case_for_reading_and_says_so_in_every_entry(town) -> None:
    case = town.case()
    note = town.note(case)
    assert ask(town) == OpenedInEmergency(case, waits=False)
    page = view_case(case, town.per, **town.hands)
    assert isinstance(page, CasePage)
    assert page.emergency_until == town.at + timedelta(hours=4)
    assert isinstance(read_notes(case, [note], town.per, **town.hands), NotesRead)
    assert [(one.op, one.res) for one in town.entries()][-3:] == [
        ("emergency.opened", "override"),
        ("case.viewed", "override"),
        ("note.read", "override"),
    ]


@pytest.mark.parametrize("act", ["write_note", "correct_note", "disclose", "record_consent"])
def test_it_opens_nothing_but_reading(town, act: str) -> None:
    case = town.case()
    ask(town)
    with town.store.begin(at=town.at) as tx:
        found = find_case(tx, case, town.per, act, at=town.at, rings=town.rings, law=town.law)
    assert found is None


def test_it_ends_by_itself_in_the_instant_that_was_said(town) -> None:
    case = town.case()
    ask(town)
    town.later(hours=4, microseconds=-1)
    assert isinstance(view_case(case, town.per, **town.hands), CasePage)
    town.later(microseconds=1)
    assert isinstance(view_case(case, town.per, **town.hands), NotFound)


def test_it_opens_no_other_case_and_for_nobody_else(town) -> None:
    case, other = town.case(), town.case(reference="SN 2026/0002")
    ask(town)
    assert isinstance(view_case(other, town.per, **town.hands), NotFound)
    assert isinstance(view_case(case, town.chief, **town.hands), NotFound)


def test_a_case_of_another_organisation_is_not_there_to_open(town) -> None:
    town.case(town.sara, reference="A 2026/1")
    outcome = ask(town, reference="A 2026/1")
    assert outcome == NotOpened((Problem(field="reference", code="emergency_no_case"),))
    assert town.ops()[-1] == "emergency.refused"


def test_one_in_the_team_has_no_need_of_it(town) -> None:
    town.case()
    outcome = ask(town, "karin")
    assert outcome == NotOpened((Problem(field="reference", code="already_in_team"),))


def test_the_same_form_twice_asks_once_and_prolongs_nothing(town) -> None:
    case = town.case()
    ask(town, token="one")
    town.later(hours=3)
    assert ask(town, token="one") == OpenedInEmergency(case, waits=False)
    assert len(seen(town)) == 1
    town.later(hours=1)
    assert isinstance(view_case(case, town.per, **town.hands), NotFound)


def test_protected_identity_needs_a_second_person_and_unknown_counts_as_protected(town) -> None:
    case = guarded(town)
    assert ask(town) == OpenedInEmergency(case, waits=True)
    assert isinstance(view_case(case, town.per, **town.hands), NotFound)
    opening = seen(town)[0].terms.id
    assert isinstance(confirm_opening(opening, town.per, **town.hands), NotFound)
    assert isinstance(confirm_opening(opening, town.sara, **town.hands), NotFound)
    assert isinstance(confirm_opening(opening, town.karin, **town.hands), OpenedInEmergency)
    assert isinstance(view_case(case, town.per, **town.hands), CasePage)
    # Confirmed once: who comes second is told by whom.
    late = confirm_opening(opening, town.chief, **town.hands)
    assert isinstance(late, AnsweredAlready)
    assert late.by is not None
    assert late.by.id == town.karin.staff_id
    assert town.ops()[-1] == "emergency.confirm_repeated"


def test_waiting_for_a_second_person_does_not_make_it_longer(town) -> None:
    case = guarded(town)
    ask(town)
    opening = seen(town)[0].terms.id
    town.later(hours=3, minutes=59)
    confirm_opening(opening, town.karin, **town.hands)
    town.later(minutes=1)
    assert isinstance(view_case(case, town.per, **town.hands), NotFound)


def test_the_one_who_confirms_sees_what_waits_and_opens_nothing(town) -> None:
    guarded(town)
    ask(town)
    found = list_openings(town.chief, **town.hands)
    assert isinstance(found, Openings)
    assert [line.opening.terms.reason for line in found.waiting] == [WHY]
    confirm_opening(found.waiting[0].opening.terms.id, town.chief, **town.hands)
    case = found.waiting[0].opening.terms.case_id
    assert isinstance(view_case(case, town.chief, **town.hands), NotFound)


def test_the_supervisor_is_told_at_once_and_alarmed_after_72_hours(town) -> None:
    town.case()
    assert told(town) == Unreviewed(0, 0)
    ask(town)
    assert told(town) == Unreviewed(1, 0)
    assert told(town, "karin") == Unreviewed(0, 0)
    town.later(hours=72, microseconds=-1)
    assert told(town) == Unreviewed(1, 0)
    town.later(microseconds=1)
    assert told(town) == Unreviewed(1, 1)


def test_a_review_is_kept_and_the_notice_goes(town) -> None:
    case = town.case()
    ask(town)
    view_case(case, town.per, **town.hands)
    found = see_openings(town.chief, **town.hands)
    assert isinstance(found, OpeningsSeen)
    assert found.lines[0].looks == 1
    opening = found.lines[0].opening.terms.id
    outcome = review_opening(opening, "remark", "Det kunde vänta.", town.chief, **town.hands)
    assert outcome == Reviewed()
    assert told(town) == Unreviewed(0, 0)
    # A second verdict changes nothing.
    review_opening(opening, "justified", "Jag ångrar mig.", town.chief, **town.hands)
    again = see_openings(town.chief, **town.hands)
    assert isinstance(again, OpeningsSeen)
    assert (again.lines[0].opening.verdict, again.lines[0].remark) == ("remark", "Det kunde vänta.")
    assert "emergency.review_repeated" in town.ops()


def test_nobody_reviews_their_own_or_what_they_confirmed(town) -> None:
    guarded(town)
    ask(town, "chief")
    opening = seen(town)[0].terms.id
    own = review_opening(opening, "justified", "Det var rätt.", town.chief, **town.hands)
    assert isinstance(own, NotFound)
    other = review_opening(opening, "justified", "Det var rätt.", town.karin, **town.hands)
    assert isinstance(other, NotFound)
    assert town.ops()[-1] == "emergency.review_not_found"


def test_one_that_is_not_there_looks_like_one_that_is_not_ours(town) -> None:
    town.case()
    ask(town)
    opening = seen(town)[0].terms.id
    assert confirm_opening(opening, town.sara, **town.hands) == confirm_opening(
        new_id(town.at), town.sara, **town.hands
    )


@pytest.mark.parametrize("moved", ["ends_at", "case_id", "staff_id"])
def test_a_row_changed_in_the_database_opens_nothing_more(town, moved: str) -> None:
    case, other = town.case(), town.case(reference="SN 2026/0002")
    ask(town)
    values = {
        "ends_at": town.at + timedelta(days=365),
        "case_id": other,
        "staff_id": town.chief.staff_id,
    }
    with town.store.engine.begin() as connection:
        connection.execute(emergency_opening.update().values({moved: values[moved]}))
    if moved == "ends_at":
        town.later(hours=5)
        assert isinstance(view_case(case, town.per, **town.hands), NotFound)
    assert isinstance(view_case(other, town.per, **town.hands), NotFound)
    assert isinstance(view_case(case, town.chief, **town.hands), NotFound)


def test_the_sealed_terms_cannot_be_changed(town) -> None:
    case = town.case()
    ask(town)
    with town.store.engine.begin() as connection:
        connection.execute(emergency_opening.update().values(terms=bytes(400)))
    with pytest.raises(SealBroken):
        view_case(case, town.per, **town.hands)


@pytest.mark.parametrize("typed", ["", "brådskande", " " * 40, "." * 40, "x" * 2001])
def test_a_reason_is_compulsory(typed: str) -> None:
    assert isinstance(parse_reason(typed), Problem)


def test_a_second_person_written_by_hand_opens_nothing(town) -> None:
    case = guarded(town)
    ask(town)
    by_hand(
        town,
        "UPDATE emergency_opening SET confirmed_by = :by, confirmed_at = asked_at, "
        "confirmed_audit_id = audit_id",
        by=town.karin.staff_id,
    )
    assert isinstance(view_case(case, town.per, **town.hands), NotFound)
