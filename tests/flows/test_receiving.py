"""The recipient's side: open, register, file, and learn nothing more."""

from __future__ import annotations

import msgspec
import pytest

from app.domain.note import NoteAttributes
from app.flows.file_delivery import Filed, NotFiled, file_delivery
from app.flows.not_found import NotFound
from app.flows.read_notes import NotesRead, read_notes
from app.flows.receive_delivery import (
    DeliveryFiled,
    DeliveryOpened,
    NotRegistered,
    Registered,
    count_new_deliveries,
    list_deliveries,
    open_delivery,
    register_delivery,
)
from app.flows.view_case import CasePage, view_case
from app.flows.view_delivery import view_delivery
from tests.flows.town import ORGANISATIONS, _employed, operator_of


@pytest.fixture
def arrived(town):
    """A delivery at the police from Karin's case."""
    case = town.case()
    made = town.disclose(town.assessed(case, town.note(case)))
    town.later(seconds=130)
    (delivery,) = list_deliveries(town.sara, **town.hands)
    return case, made, delivery


def test_registering_tells_the_sender_that_it_was_received_and_not_by_whom(town, arrived) -> None:
    case, _, delivery = arrived
    assert register_delivery(delivery.id, "A 2026/77", town.sara, **town.hands) == Registered(
        delivery.id
    )
    page = view_case(case, town.karin, **town.hands)
    assert isinstance(page, CasePage)
    assert page.acknowledged == {delivery.id: town.at}
    assert town.sara.staff_id not in page.staff


def test_a_delivery_is_counted_until_it_is_registered(town, arrived) -> None:
    delivery = arrived[2]
    hands = {"at": town.at, "store": town.store, "law": town.law}
    assert count_new_deliveries(town.sara, **hands) == 1
    register_delivery(delivery.id, "A 2026/77", town.sara, **town.hands)
    assert count_new_deliveries(town.sara, **hands) == 0


def test_registering_again_under_another_number_is_refused(town, arrived) -> None:
    delivery = arrived[2]
    register_delivery(delivery.id, "A 2026/77", town.sara, **town.hands)
    assert isinstance(
        register_delivery(delivery.id, "A 2026/77", town.sara, **town.hands), Registered
    )
    assert isinstance(
        register_delivery(delivery.id, "A 2026/78", town.sara, **town.hands), NotRegistered
    )


def test_a_name_is_no_registration_number(town, arrived) -> None:
    outcome = register_delivery(arrived[2].id, "Vera Exempelsson", town.sara, **town.hands)
    assert isinstance(outcome, NotRegistered)


def test_it_is_filed_as_a_note_of_the_recipients_own(town, arrived) -> None:
    delivery = arrived[2]
    register_delivery(delivery.id, "A 2026/77", town.sara, **town.hands)
    own = town.case(town.sara, reference="A 2026/77")
    filed = file_delivery(delivery.id, own, "K17", town.sara, **town.hands)
    assert isinstance(filed, Filed)
    read = read_notes(own, [filed.note_id], town.sara, **town.hands)
    assert isinstance(read, NotesRead)
    (text,) = read.texts
    assert text.text == "Berättar om kontakter med äldre kamrater."
    assert text.line.head.category == "K17"
    assert text.line.head.attributes.origin == "SOC"


def test_filing_before_registering_is_refused(town, arrived) -> None:
    own = town.case(town.sara, reference="A 2026/77")
    outcome = file_delivery(arrived[2].id, own, "K17", town.sara, **town.hands)
    assert isinstance(outcome, NotFiled)


def test_the_described_person_can_be_matched_to_the_subject_of_the_case(town, arrived) -> None:
    delivery = arrived[2]
    register_delivery(delivery.id, "A 2026/77", town.sara, **town.hands)
    own = town.case(town.sara, reference="A 2026/77")
    subject = town.subject_of(own)
    filed = file_delivery(delivery.id, own, "K17", town.sara, matches=[subject], **town.hands)
    page = view_case(own, town.sara, **town.hands)
    assert isinstance(filed, Filed)
    assert [person.subject.id for person in page.persons] == [subject]
    assert page.notes[0].head.described == (subject,)


def test_what_is_filed_in_a_case_is_there_for_its_team_alone(town, arrived) -> None:
    delivery = arrived[2]
    police = ORGANISATIONS["police"]
    roles = frozenset({"case_worker"})
    colleague = _employed("Petra Ek", police, roles, operator_of(town), town.store)
    assert isinstance(open_delivery(delivery.id, colleague, **town.hands), DeliveryOpened)
    register_delivery(delivery.id, "A 2026/77", town.sara, **town.hands)
    own = town.case(town.sara, reference="A 2026/77")
    filed = file_delivery(delivery.id, own, "K17", town.sara, **town.hands)
    assert open_delivery(delivery.id, town.sara, **town.hands) == DeliveryFiled(own)
    assert town.entries("police")[-1].case_id == own
    assert isinstance(open_delivery(delivery.id, colleague, **town.hands), NotFound)
    assert isinstance(view_delivery(delivery.id, colleague, **town.hands), NotFound)
    assert list_deliveries(colleague, **town.hands) == ()
    theirs = town.case(colleague, reference="A 2026/78")
    again = file_delivery(delivery.id, theirs, "K17", colleague, **town.hands)
    assert isinstance(again, NotFound)
    assert isinstance(filed, Filed)


def test_nobody_else_can_open_it(town, arrived) -> None:
    for stranger in (town.karin, town.kurator, town.chief):
        assert isinstance(open_delivery(arrived[2].id, stranger, **town.hands), NotFound)


def test_the_recipient_cannot_reach_the_senders_case_or_note(town, arrived) -> None:
    case, _, _ = arrived
    assert isinstance(view_case(case, town.sara, **town.hands), NotFound)


def test_the_delivery_holds_none_of_the_senders_numbers(town, arrived) -> None:
    case, made, delivery = arrived
    told = msgspec.json.encode(delivery).decode()
    page = view_case(case, town.karin, **town.hands)
    for number in (case, made.disclosure_id, page.notes[0].id, "SN 2026/0001"):
        assert number not in told
    for person in page.persons:
        assert person.subject.id not in told


def test_what_the_note_says_about_itself_comes_along(town, arrived) -> None:
    assert isinstance(arrived[2].head.attributes, NoteAttributes)
    assert arrived[2].head.attributes.investigation == "no"
