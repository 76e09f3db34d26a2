"""The mark of protected identity stands in the log: an older identity put back takes none away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from app.domain.note import NoteAttributes
from app.domain.protection import LoweringTerms
from app.domain.subject import Identity
from app.flows.change_team import change_team
from app.flows.correct_identity import (
    IdentityCorrected,
    IdentityNotCorrected,
    correct_identity,
)
from app.flows.disclose_note import NotDisclosed
from app.flows.lower_protection import LoweringAsked, LoweringSettled, ask_lowering, settle_lowering
from app.flows.open_in_emergency import OpenedInEmergency, open_in_emergency
from app.flows.view_case import CasePage, view_case
from app.records.protection_lowering import protection_lowering
from app.records.subject import subject
from tests.flows.by_hand import by_hand

WHY = "Pojken är försvunnen och hans mamma är på väg hit."
ADULT = Identity(name="Vera Exempelsson", born=date(2000, 1, 1), protected="yes")


@pytest.fixture
def case(town) -> str:
    return town.case(born=ADULT.born)


@pytest.fixture
def roll_back(town, case) -> Callable[[], None]:
    """The identity as it was before the mark, written into the database again."""
    with town.store.look(at=town.at) as tx:
        older = tx.execute(select(subject.c.identity)).scalar_one()
    assert isinstance(mark(town, case), IdentityCorrected)
    return lambda: by_hand(town, "UPDATE subject SET identity = :older", older=older)


def mark(town, case: str, identity: Identity = ADULT) -> object:
    return correct_identity(case, town.subject_of(case), identity, town.karin, **town.hands)


def shown(town, case: str) -> tuple[str, bool]:
    page = view_case(case, town.karin, **town.hands)
    assert isinstance(page, CasePage)
    return page.persons[0].subject.identity.protected, page.persons[0].mark_lost


def test_the_mark_counts_and_the_page_can_tell_that_the_database_lost_it(
    town, case, roll_back
) -> None:
    assert shown(town, case) == ("yes", False)
    roll_back()
    assert shown(town, case) == ("yes", True)


def test_the_law_is_told_of_a_protected_person(town, case, roll_back) -> None:
    address = NoteAttributes(contact_known=True, committed_crime="no", contact_kind="home_address")
    order = town.order(town.note(case, attributes=address), "school", "care_or_support")

    def stand_in_the_way() -> set[str]:
        outcome = town.disclose(order)
        assert isinstance(outcome, NotDisclosed)
        assert outcome.decision is not None
        (decision,) = outcome.decision.by_person.values()
        return {one.rule for one in decision.applicable}

    marked = stand_in_the_way()
    assert "OSL 21:3" in marked
    roll_back()
    assert stand_in_the_way() == marked


def test_nothing_leaves_where_the_mark_is_taken_out_of_the_index_too(town, case, roll_back) -> None:
    roll_back()
    by_hand(town, "DELETE FROM audit_view WHERE op = 'person.corrected'")
    outcome = town.disclose(town.order(town.note(case), "school", "care_or_support"))
    assert isinstance(outcome, NotDisclosed)
    assert outcome.reason == "index_differs"


def test_an_emergency_opening_still_takes_a_second_person(town, case, roll_back) -> None:
    roll_back()
    asked = open_in_emergency("SN 2026/0001", WHY, town.per, token="", **town.hands)
    assert asked == OpenedInEmergency(case, waits=True)


def test_one_person_alone_takes_it_away_no_more_than_before(town, case, roll_back) -> None:
    roll_back()
    assert isinstance(mark(town, case, replace(ADULT, protected="no")), IdentityNotCorrected)


def test_a_mark_that_two_took_away_is_away(town, case, roll_back) -> None:
    change_team(case, town.per.staff_id, "let_in", town.chief, **town.hands)
    person = town.subject_of(case)
    terms = LoweringTerms(to="no", reason="Skyddet har upphört, skriver Skatteverket.")
    asked = ask_lowering(case, person, terms, town.karin, **town.hands)
    assert isinstance(asked, LoweringAsked)
    with town.store.look(at=town.at) as tx:
        lowering = tx.execute(select(protection_lowering.c.id)).scalar_one()
    done = settle_lowering(case, person, lowering, "lowered", town.per, **town.hands)
    assert isinstance(done, LoweringSettled)
    assert shown(town, case) == ("no", False)
