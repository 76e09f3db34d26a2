"""Nobody gets in by a row that somebody wrote, lengthened or un-ended in the database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy

from app.domain.approval import ApprovalAnswer
from app.domain.ids import new_id
from app.domain.organisation import Period
from app.domain.staff import Delegation, RoleGrant
from app.flows.access_held import roles_held
from app.flows.act_for import organisations_unlike
from app.flows.answer_approval import answer_approval
from app.flows.change_team import TeamChanged, change_team
from app.flows.disclose_note import Disclosed, NotDisclosed
from app.flows.end_access import Ended, close_account, end_role
from app.flows.file_delivery import Filed, file_delivery
from app.flows.install import grant_delegation, grant_role
from app.flows.keep_delegation import settle_delegation
from app.flows.list_cases import list_cases
from app.flows.not_found import NotFound
from app.flows.read_notes import NotesRead, read_note
from app.flows.receive_delivery import list_deliveries, register_delivery
from app.flows.review_signals import see_signals
from app.flows.view_case import view_case
from app.flows.view_delivery import view_delivery
from tests.flows.by_hand import by_hand
from tests.flows.town import Town, hired, operator_of

BORN = date(2000, 1, 1)
UNENDED = "UPDATE role_grant SET ended_at = NULL, ended_audit_id = NULL"
OF = " WHERE staff_id = :staff"


def let_in(town: Town, actor) -> frozenset[str]:
    """The organisations where the person may not act, as asked at sign-in and at each choice."""
    with town.store.begin(at=town.at) as tx:
        return roles_held(town.rings)(tx, actor.staff_id, town.at)


def insert_role(town: Town, actor, role: str, entry: str) -> None:
    by_hand(
        town,
        "INSERT INTO role_grant (id, staff_id, organisation_id, role, valid_from, audit_id) "
        "VALUES (:id, :staff, 'soc', :role, '2019-01-01', :entry)",
        id=new_id(town.at),
        staff=actor.staff_id,
        role=role,
        entry=entry,
    )


ENTRY_OF = {
    "role": "SELECT audit_id FROM role_grant WHERE staff_id = :id",
    "organisation": "SELECT audit_id FROM organisation WHERE id = :id",
    "place": "SELECT audit_id FROM case_member WHERE case_id = :id",
}


def entry_of(town: Town, row: str, of: str) -> str:
    with town.store.engine.begin() as connection:
        return connection.execute(sqlalchemy.text(ENTRY_OF[row]), {"id": of}).scalars().first()


def test_roles_that_nobody_touched_let_everybody_in(town) -> None:
    for actor in (town.karin, town.per, town.sara, town.kurator, town.chief, town.officer):
        assert let_in(town, actor) == frozenset()


def test_a_role_inserted_with_the_entry_of_another_lets_nobody_in(town) -> None:
    theirs = entry_of(town, "role", town.chief.staff_id)
    insert_role(town, town.per, "supervisor", theirs)
    assert let_in(town, town.per) == {"soc"}
    assert town.ops()[-1] == "role.differs"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE role_grant SET role = 'supervisor'",
        "UPDATE role_grant SET organisation_id = 'police'",
        "UPDATE role_grant SET valid_from = '2018-01-01'",
        "UPDATE role_grant SET valid_until = '2099-01-01'",
    ],
)
def test_a_role_changed_in_its_row_lets_nobody_in(town, change) -> None:
    by_hand(town, change + OF, staff=town.per.staff_id)
    assert len(let_in(town, town.per)) == 1


def test_a_role_taken_from_somebody_else_lets_nobody_in(town) -> None:
    by_hand(
        town,
        "UPDATE role_grant SET staff_id = :staff WHERE staff_id = :chief",
        staff=town.per.staff_id,
        chief=town.chief.staff_id,
    )
    assert let_in(town, town.per) == {"soc"}


HIDDEN = "DELETE FROM audit_view WHERE op = 'role.ended'"


@pytest.mark.parametrize("hidden", [(), (HIDDEN,)])
def test_a_role_that_was_unended_lets_nobody_in(town, hidden) -> None:
    for role in town.per.roles:
        end_role(town.per.staff_id, "soc", role, operator_of(town), at=town.at, store=town.store)
    by_hand(town, UNENDED + OF, staff=town.per.staff_id)
    if hidden:
        by_hand(town, *hidden)
    town.later(minutes=1)
    assert let_in(town, town.per) == {"soc"}


def test_a_head_that_says_more_than_there_is_hides_no_end_of_a_role(town) -> None:
    for role in town.per.roles:
        end_role(town.per.staff_id, "soc", role, operator_of(town), at=town.at, store=town.store)
    by_hand(town, UNENDED + OF, staff=town.per.staff_id)
    by_hand(town, HIDDEN, "UPDATE audit_head SET n = n + 1000000")
    town.later(minutes=1)
    hands = {name: town.hands[name] for name in ("at", "store", "rings")}
    assert organisations_unlike(town.per.staff_id, **hands) == {"soc"}


def test_the_roles_of_a_closed_account_are_not_held_again(town) -> None:
    closed = close_account("Per Ek-soc", operator_of(town), at=town.at, store=town.store)
    assert isinstance(closed, Ended), closed
    by_hand(town, UNENDED + OF, staff=town.per.staff_id)
    town.later(minutes=1)
    assert let_in(town, town.per) == {"soc"}


def test_a_role_ended_and_given_anew_lets_in(town) -> None:
    for role in town.per.roles:
        end_role(town.per.staff_id, "soc", role, operator_of(town), at=town.at, store=town.store)
        town.later(minutes=1)
        grant = RoleGrant(
            id=new_id(town.at),
            staff_id=town.per.staff_id,
            organisation_id="soc",
            role=role,
            period=Period(
                valid_from=town.at.date(), valid_until=town.at.date() + timedelta(days=9)
            ),
        )
        grant_role(grant, operator_of(town), at=town.at, store=town.store)
    assert let_in(town, town.per) == frozenset()


def test_a_yes_by_a_role_that_the_log_does_not_tell_of_is_none(town) -> None:
    insert_role(town, town.chief, "administrator", entry_of(town, "organisation", "soc"))
    answer = ApprovalAnswer(answer="yes", reasons="Behövs för att förebygga brott.")
    assert isinstance(answer_approval("none", answer, town.chief, **town.hands), NotFound)
    assert "role.differs" in town.ops()


PLACE = (
    "INSERT INTO case_member (case_id, staff_id, organisation_id, member_from, audit_id) "
    "VALUES (:case, :staff, 'soc', '2026-11-01 00:00:00', :entry)"
)


def test_a_place_in_a_team_inserted_by_hand_opens_no_case_and_no_note(town) -> None:
    case = town.case(born=BORN)
    note = town.note(case)
    by_hand(
        town,
        PLACE,
        case=case,
        staff=town.per.staff_id,
        entry=entry_of(town, "place", case),
    )
    hands = {name: town.hands[name] for name in ("at", "store", "rings")}
    assert isinstance(view_case(case, town.per, **town.hands), NotFound)
    assert isinstance(read_note(note, town.per, **town.hands), NotFound)
    assert list_cases(town.per, **hands) == ()
    assert town.ops().count("team.differs") == 3
    assert [one.case.id for one in list_cases(town.karin, **hands)] == [case]
    assert isinstance(read_note(note, town.karin, **town.hands), NotesRead)


def test_a_delivery_filed_in_a_case_is_not_seen_by_a_place_inserted_by_hand(town) -> None:
    case = town.case()
    town.disclose(town.assessed(case, town.note(case)))
    town.later(seconds=130)
    (delivery,) = list_deliveries(town.sara, **town.hands)
    theirs = town.case(town.sara, reference="A 2026/1")
    register_delivery(delivery.id, "A 2026/77", town.sara, **town.hands)
    filed = file_delivery(delivery.id, theirs, "K17", town.sara, **town.hands)
    assert isinstance(filed, Filed), filed
    other = hired(town, "Bo Ny", "police", "case_worker")
    entry = entry_of(town, "place", theirs)
    by_hand(
        town, PLACE.replace("'soc'", "'police'"), case=theirs, staff=other.staff_id, entry=entry
    )
    assert isinstance(view_delivery(delivery.id, other, **town.hands), NotFound)
    assert "team.differs" in town.ops("police")


UNLEFT = "UPDATE case_member SET member_to = NULL, ended_audit_id = NULL WHERE staff_id = :staff"


def left(town: Town, case: str) -> None:
    changed = change_team(case, town.per.staff_id, "let_in", town.karin, **town.hands)
    assert isinstance(changed, TeamChanged)
    town.later(minutes=1)
    changed = change_team(case, town.per.staff_id, "take_out", town.karin, **town.hands)
    assert isinstance(changed, TeamChanged)
    town.later(minutes=1)


def test_a_place_in_a_team_that_was_unended_opens_no_note(town) -> None:
    case = town.case(born=BORN)
    note = town.note(case)
    left(town, case)
    by_hand(town, UNLEFT, staff=town.per.staff_id)
    assert isinstance(read_note(note, town.per, **town.hands), NotFound)
    assert "team.differs" in town.ops()


def test_whoever_was_taken_out_and_let_in_again_reads(town) -> None:
    case = town.case(born=BORN)
    note = town.note(case)
    left(town, case)
    change_team(case, town.per.staff_id, "let_in", town.karin, **town.hands)
    town.later(minutes=1)
    assert isinstance(read_note(note, town.per, **town.hands), NotesRead)


def test_a_place_unended_and_hidden_in_the_index_lets_nothing_out(town) -> None:
    case = town.case(born=BORN)
    note = town.note(case)
    left(town, case)
    by_hand(town, UNLEFT, staff=town.per.staff_id)
    by_hand(
        town,
        "UPDATE audit_view SET op = 'case.viewed' WHERE op = 'team.taken_out'",
    )
    town.consent(case, "school")
    outcome = town.disclose(town.order(note, "school", "care_or_support"), town.per)
    assert isinstance(outcome, NotDisclosed), outcome
    assert outcome.reason == "index_differs"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE delegation SET valid_until = '2099-01-01'",
        "UPDATE delegation SET valid_from = '2018-01-01'",
        "UPDATE delegation SET item = '9.9'",
    ],
)
def test_nothing_is_decided_under_a_delegation_changed_in_its_row(town, change) -> None:
    case = town.case(born=BORN)
    town.consent(case, "school")
    order = town.order(town.note(case), "school", "care_or_support")
    by_hand(town, change + OF, staff=town.karin.staff_id)
    outcome = town.disclose(order)
    assert isinstance(outcome, NotDisclosed), outcome
    assert outcome.reason == "delegation_differs"
    assert town.ops()[-2:] == ["delegation.differs", "note.disclosure_refused"]


def test_a_delegation_that_was_unended_counts_for_nothing(town) -> None:
    case = town.case(born=BORN)
    town.consent(case, "school")
    order = town.order(town.note(case), "school", "care_or_support")
    (held,) = town.karin.delegations
    settle_delegation(held.id, "end", town.chief, **town.hands)
    by_hand(town, "UPDATE delegation SET ended_at = NULL, ended_audit_id = NULL")
    town.later(minutes=1)
    outcome = town.disclose(order)
    assert isinstance(outcome, NotDisclosed), outcome
    assert outcome.reason == "delegation_differs"


def test_a_delegation_as_it_was_given_is_decided_under(town) -> None:
    case = town.case(born=BORN)
    town.consent(case, "school")
    assert isinstance(
        town.disclose(town.order(town.note(case), "school", "care_or_support")), Disclosed
    )


def test_whoever_reviews_the_log_sees_it_as_a_signal(town) -> None:
    insert_role(town, town.per, "administrator", entry_of(town, "organisation", "soc"))
    let_in(town, town.per)
    town.later(minutes=1)
    found = see_signals(town.chief, **town.hands)
    assert [(one.signal.kind, one.signal.staff_id) for one in found.lines] == [
        ("access_differs", town.per.staff_id)
    ]


def test_a_delegation_is_given_once(town) -> None:
    (held,) = town.karin.delegations
    again = Delegation(
        id=new_id(town.at),
        organisation_id=held.organisation_id,
        staff_id=held.staff_id,
        role=None,
        decision=held.decision,
        item=held.item,
        period=held.period,
    )
    outcome = grant_delegation(again, operator_of(town), at=town.at, store=town.store)
    assert "already" in outcome.why
