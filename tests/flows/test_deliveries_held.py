"""Nobody reads a delivery by a row that somebody put back, moved or unfiled in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy

from app.domain.retention import Retention
from app.flows.close_case import set_case_state
from app.flows.file_delivery import Filed, file_delivery
from app.flows.not_found import NotFound
from app.flows.purge import Purged
from app.flows.receive_delivery import (
    DeliveryFiled,
    DeliveryOpened,
    Registered,
    list_deliveries,
    open_delivery,
    register_delivery,
)
from app.flows.record_consent import Withdrawn, withdraw_consent
from app.flows.review_signals import see_signals
from app.flows.stop_delivery import Stopped, stop_delivery
from app.flows.view_delivery import view_delivery
from app.keys import SealBroken, seal_delivery
from app.records.counted_statements import counted_statements
from tests.flows.archive import Archive
from tests.flows.by_hand import by_hand
from tests.flows.town import ORGANISATIONS, Town, hired

INDEX_OF_STOPS = "DELETE FROM audit_view WHERE op IN ('delivery.stopped', 'consent.withdrawn')"
INDEX_OF_FILINGS = "DELETE FROM audit_view WHERE op = 'delivery.filed'"


@pytest.fixture
def sent(town: Town) -> tuple[str, str]:
    """A disclosure that is on its way from Karin's case to the police, and its delivery."""
    case = town.case()
    made = town.disclose(town.assessed(case, town.note(case)))
    return made.disclosure_id, delivery_of(town, made.disclosure_id)


def delivery_of(town: Town, disclosure_id: str) -> str:
    asked = sqlalchemy.text("SELECT delivery_id FROM disclosure WHERE id = :id")
    with town.store.engine.begin() as connection:
        return connection.execute(asked, {"id": disclosure_id}).scalar_one()


def kept(town: Town, delivery_id: str) -> dict[str, object]:
    asked = sqlalchemy.text("SELECT * FROM delivery WHERE id = :id")
    with town.store.engine.begin() as connection:
        return dict(connection.execute(asked, {"id": delivery_id}).mappings().one())


def put_back(town: Town, row: dict[str, object]) -> None:
    table = sqlalchemy.table("delivery", *(sqlalchemy.column(name) for name in row))
    with town.store.engine.begin() as connection:
        connection.execute(sqlalchemy.insert(table).values(row))


def hands(town: Town, actor) -> list[object]:
    """What everybody at the recipient gets who asks for the one delivery, however they ask."""
    with town.store.engine.begin() as connection:
        (delivery_id,) = connection.execute(sqlalchemy.text("SELECT id FROM delivery")).scalars()
    return [
        open_delivery(delivery_id, actor, **town.hands),
        view_delivery(delivery_id, actor, **town.hands),
        register_delivery(delivery_id, "A 2026/77", actor, **town.hands),
    ]


def assert_nothing_is_shown(town: Town, actor=None) -> None:
    told = town.ops("police").count("delivery.differs")
    actor = actor or town.sara
    assert all(isinstance(one, NotFound) for one in hands(town, actor))
    assert list_deliveries(actor, **town.hands) == ()
    assert town.ops("police").count("delivery.differs") == told + 4


def assert_read(town: Town, delivery_id: str) -> None:
    assert isinstance(open_delivery(delivery_id, town.sara, **town.hands), DeliveryOpened)
    assert [one.id for one in list_deliveries(town.sara, **town.hands)] == [delivery_id]
    assert "delivery.differs" not in town.ops("police")


def test_a_delivery_that_nobody_touched_is_read(town, sent) -> None:
    town.later(seconds=130)
    assert_read(town, sent[1])


@pytest.mark.parametrize("hidden", [(), (INDEX_OF_STOPS,)])
def test_a_stopped_delivery_that_was_put_back_is_not_read(town, sent, hidden) -> None:
    row = kept(town, sent[1])
    town.later(seconds=119)
    assert isinstance(stop_delivery(sent[0], town.karin, **town.hands), Stopped)
    put_back(town, row)
    if hidden:
        by_hand(town, *hidden)
    town.later(minutes=5)
    assert_nothing_is_shown(town)


@pytest.mark.parametrize("hidden", [(), (INDEX_OF_STOPS,)])
def test_a_delivery_stopped_with_its_consent_and_put_back_is_not_read(town, hidden) -> None:
    case = town.case(born=date(2000, 1, 1))
    consent = town.consent(case, "school")
    made = town.disclose(town.order(town.note(case), "school", "care_or_support"))
    delivery_id = delivery_of(town, made.disclosure_id)
    row = kept(town, delivery_id)
    town.later(seconds=30)
    assert withdraw_consent(case, consent, town.karin, **town.hands) == Withdrawn(1, 0)
    put_back(town, row)
    if hidden:
        by_hand(town, *hidden)
    town.later(minutes=5)
    assert isinstance(open_delivery(delivery_id, town.kurator, **town.hands), NotFound)
    assert "delivery.differs" in town.ops("school")


def test_that_another_is_stopped_stops_no_more_than_that(town, sent) -> None:
    case = town.case(reference="SN 2026/0002", name="Bo Exempelsson")
    other = town.disclose(town.assessed(case, town.note(case)))
    town.later(seconds=20)
    assert isinstance(stop_delivery(other.disclosure_id, town.karin, **town.hands), Stopped)
    town.later(seconds=130)
    assert_read(town, sent[1])


def test_a_delivery_whose_arrival_was_moved_is_not_read_in_the_undo_time(town, sent) -> None:
    arrives = kept(town, sent[1])["arrives_at"]
    by_hand(town, "UPDATE delivery SET arrives_at = (SELECT decided_at FROM disclosure)")
    town.later(seconds=5)
    assert_nothing_is_shown(town)
    assert isinstance(stop_delivery(sent[0], town.karin, **town.hands), Stopped)
    town.later(minutes=5)
    assert_nothing_is_shown(town)
    by_hand(town, "UPDATE delivery SET arrives_at = :at", at=arrives)
    assert_nothing_is_shown(town)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE delivery SET sender_id = 'school'",
        "UPDATE delivery SET audit_id = (SELECT id FROM audit_view WHERE op = 'note.written')",
    ],
)
def test_a_delivery_changed_in_its_row_is_not_read(town, sent, change) -> None:
    by_hand(town, change)
    town.later(minutes=5)
    assert_nothing_is_shown(town)


def test_a_delivery_to_another_recipient_is_not_theirs(town, sent) -> None:
    by_hand(town, "UPDATE delivery SET organisation_id = 'school'")
    town.later(minutes=5)
    assert isinstance(view_delivery(sent[1], town.kurator, **town.hands), NotFound)
    assert list_deliveries(town.kurator, **town.hands) == ()
    assert town.ops("school").count("delivery.differs") == 2


def test_a_delivery_that_names_the_entry_of_another_is_not_read(town, sent) -> None:
    row = kept(town, sent[1])
    town.later(seconds=30)
    stop_delivery(sent[0], town.karin, **town.hands)
    case = town.case(reference="SN 2026/0002", name="Bo Exempelsson")
    town.disclose(town.assessed(case, town.note(case)))
    with town.store.engine.begin() as connection:
        other = connection.execute(sqlalchemy.text("SELECT * FROM delivery")).mappings().one()
    town.later(minutes=5)
    by_hand(town, "DELETE FROM delivery")
    put_back(town, row | {"audit_id": other["audit_id"], "ct_hash": other["ct_hash"]})
    assert_nothing_is_shown(town)


def test_a_text_sealed_by_hand_in_the_place_of_what_was_sent_is_not_read(town, sent) -> None:
    ring = town.rings.current("police")
    forged = seal_delivery("police", ring.version, ring.public_key, sent[1], b"{}", b"Ett annat.")
    by_hand(
        town,
        "UPDATE delivery SET wrapped_key = :key, commitment = :commitment, head = :head, "
        "body = :body",
        key=forged.wrapped_key,
        commitment=forged.commitment,
        head=forged.head,
        body=forged.body,
    )
    town.later(minutes=5)
    with pytest.raises(SealBroken):
        open_delivery(sent[1], town.sara, **town.hands)
    by_hand(town, "UPDATE delivery SET ct_hash = :hash", hash=forged.ct_hash)
    assert_nothing_is_shown(town)


@pytest.fixture
def filed(town, sent) -> str:
    """The delivery, filed in a case of Sara's."""
    town.later(seconds=130)
    delivery_id = sent[1]
    done = register_delivery(delivery_id, "A 2026/77", town.sara, **town.hands)
    assert isinstance(done, Registered)
    own = town.case(town.sara, reference="A 2026/77")
    town.later(minutes=1)
    assert isinstance(file_delivery(delivery_id, own, "K17", town.sara, **town.hands), Filed)
    town.later(minutes=1)
    return delivery_id


UNFILED = "UPDATE delivery SET filed_case_id = NULL, filed_note_id = NULL"


@pytest.mark.parametrize("hidden", [(), (INDEX_OF_FILINGS,)])
@pytest.mark.parametrize("unfiled", [UNFILED, f"{UNFILED}, filed_audit_id = NULL"])
def test_a_delivery_that_was_unfiled_by_hand_is_read_by_nobody(
    town, filed, unfiled, hidden
) -> None:
    outside = hired(town, "Ann Utanför", "police", "case_worker")
    assert isinstance(open_delivery(filed, outside, **town.hands), NotFound)
    by_hand(town, unfiled, *hidden)
    assert_nothing_is_shown(town, outside)
    assert_nothing_is_shown(town)


def test_a_delivery_moved_to_another_case_is_read_by_nobody(town, filed) -> None:
    outside = hired(town, "Ann Utanför", "police", "case_worker")
    theirs = town.case(outside, reference="A 2026/99", name="Bo Exempelsson")
    by_hand(town, "UPDATE delivery SET filed_case_id = :case", case=theirs)
    assert_nothing_is_shown(town, outside)


def test_a_delivery_that_was_filed_is_still_its_cases(town, filed) -> None:
    assert isinstance(open_delivery(filed, town.sara, **town.hands), DeliveryFiled)
    assert len(list_deliveries(town.sara, **town.hands)) == 1
    assert "delivery.differs" not in town.ops("police")


def test_another_that_was_filed_hides_no_delivery(town, filed) -> None:
    case = town.case(reference="SN 2026/0002", name="Bo Exempelsson")
    made = town.disclose(town.assessed(case, town.note(case)))
    town.later(minutes=5)
    other = delivery_of(town, made.disclosure_id)
    assert isinstance(open_delivery(other, town.sara, **town.hands), DeliveryOpened)
    assert len(list_deliveries(town.sara, **town.hands)) == 2
    assert "delivery.differs" not in town.ops("police")


def test_whoever_reviews_the_log_sees_the_attempt_as_a_signal(town, sent) -> None:
    by_hand(town, "UPDATE delivery SET arrives_at = (SELECT decided_at FROM disclosure)")
    town.later(seconds=5)
    open_delivery(sent[1], town.sara, **town.hands)
    chief = hired(town, "Ulla Chef", "police", "supervisor")
    town.later(minutes=1)
    found = see_signals(chief, **town.hands)
    assert [(one.signal.kind, one.signal.staff_id) for one in found.lines] == [
        ("access_differs", town.sara.staff_id)
    ]


def test_many_deliveries_are_held_with_as_many_queries_as_few(town) -> None:
    counts = []
    for count in (2, 10):
        case = town.case(reference=f"SN 2026/{count}", name=f"Bo {count} Exempelsson")
        for _ in range(count):
            town.disclose(town.assessed(case, town.note(case)))
            town.later(minutes=3)
        with counted_statements(town.store) as asked:
            list_deliveries(town.sara, **town.hands)
        counts.append(len(asked.queries))
    assert counts[0] == counts[1] <= 12, counts


def test_an_undo_time_of_nothing_leaves_nothing_to_stop(town) -> None:
    at_once = replace(ORGANISATIONS["soc"], undo_seconds=0)
    karin = replace(town.karin, organisation=at_once)
    case = town.case()
    made = town.disclose(town.assessed(case, town.note(case)), karin)
    assert_read(town, delivery_of(town, made.disclosure_id))


@pytest.fixture
def aged(archive: Archive) -> tuple[Archive, str, str]:
    """What was delivered to the police twelve years ago, from a case that was closed then."""
    town = archive.town
    case = town.case()
    made = town.disclose(town.assessed(case, town.note(case)))
    town.later(minutes=5)
    set_case_state(case, "closed", town.karin, **town.hands)
    archive.seal()
    town.later(days=12 * 365)
    archive.seal()
    return archive, case, delivery_of(town, made.disclosure_id)


def test_a_delivery_is_read_when_the_senders_case_has_been_erased(aged) -> None:
    archive, case, delivery_id = aged
    plan = archive.plan()
    assert [one.case.id for one in plan.cases] == [case]
    assert isinstance(archive.purge(plan.code), Purged)
    assert_read(archive.town, delivery_id)


@pytest.mark.parametrize("years", [10, 11])
def test_a_delivery_is_read_when_its_entries_are_gone(aged, years) -> None:
    archive, _, delivery_id = aged
    basis = {"log_basis": "beslut", "entries_basis": "beslut"}
    retention = Retention(log_years=10, entries_years=11 if years == 11 else 0, **basis)
    plan = archive.plan(retention)
    assert bool(plan.pruned_entries) == (years == 11)
    assert isinstance(archive.purge(plan.code, retention), Purged)
    assert_read(archive.town, delivery_id)


def test_a_delivery_whose_entry_was_blanked_by_hand_is_not_read(town, sent) -> None:
    by_hand(town, "UPDATE audit_head SET minimum = n")
    by_hand(
        town,
        "UPDATE audit_leaf SET entry = :none WHERE id IN (SELECT audit_id FROM delivery)",
        none=b"",
    )
    town.later(minutes=5)
    assert_nothing_is_shown(town)
