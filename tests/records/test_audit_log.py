"""The log in the database: kept as it was written, read back for proofs, searched by its view."""

# ruff: noqa: PT012 -- what fails is the end of the block, so the block is what is looked at.

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.records.audit_log import (
    StoredLog,
    details_at,
    erase_details,
    latest_checkpoint,
    leaves_at,
    save_checkpoint,
)
from app.records.audit_view import entries_of_case, entries_of_organisation, entry_at
from app.records.errors import StoreFault
from app.records.store import Store
from audit.entry import Event, commitment, parse_leaf, read_sealed_form
from audit.log import CheckpointRow, DetailSealer, Head, stored_nodes
from audit.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
POSTGRES = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)

MakeEvent = Callable[..., Event]
Fill = Callable[[int], Head]


@pytest.fixture
def fill(store: Store, at: datetime, an_event: MakeEvent, sealer: DetailSealer) -> Fill:
    """Add entries in two transactions, one of them with several, and return the head."""

    def add(count: int) -> Head:
        with store.begin(at=at) as tx:
            tx.record(an_event(), sealer=sealer)
        if count > 1:
            with store.begin(at=at) as tx:
                for _ in range(count - 1):
                    tx.record(an_event(case="case-1"), sealer=sealer)
        with store.look(at=at) as tx:
            return StoredLog(tx).head()

    return add


@pytest.mark.parametrize("size", [1, 2, 7, 8, 33])
def test_the_head_is_the_root_of_the_stored_entries(
    store: Store, at: datetime, fill: Fill, size: int
) -> None:
    head = fill(size)
    with store.look(at=at) as tx:
        leaves = list(StoredLog(tx).leaves(0, head.n))
    assert [row.n for row in leaves] == list(range(size))
    assert all(leaf_hash(row.entry) == row.leaf_hash for row in leaves)
    assert head.root() == tree_root([row.leaf_hash for row in leaves])


def test_every_entry_is_proved_to_be_in_the_log_by_stored_nodes(
    store: Store, at: datetime, fill: Fill
) -> None:
    head = fill(21)
    with store.look(at=at) as tx:
        log = StoredLog(tx)
        for row in log.leaves(0, 21):
            proof = inclusion_proof(row.n, 21, stored_nodes(log))
            assert verify_inclusion(row.leaf_hash, row.n, 21, proof, head.root())


def test_the_log_is_proved_to_have_grown_from_what_it_was(
    store: Store, at: datetime, fill: Fill
) -> None:
    old, new = fill(6), fill(11)
    with store.look(at=at) as tx:
        proof = consistency_proof(old.n, new.n, stored_nodes(StoredLog(tx)))
    assert verify_consistency(old.n, new.n, old.root(), new.root(), proof)


def test_a_node_that_is_not_there_is_shown_as_missing(
    store: Store, at: datetime, fill: Fill
) -> None:
    fill(2)
    with store.look(at=at) as tx:
        found = StoredLog(tx).nodes([(0, 0), (0, 9), (1, 0), (3, 0)])
    assert [node is None for node in found] == [False, True, False, True]


def test_more_nodes_than_one_statement_takes_are_found(
    store: Store, at: datetime, fill: Fill
) -> None:
    fill(3)
    with store.look(at=at) as tx:
        found = StoredLog(tx).nodes([(0, n % 3) for n in range(2500)])
    assert None not in found
    assert len(found) == 2500


def test_the_three_details_open_to_what_the_entry_is_bound_to(
    store: Store, at: datetime, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    given = an_event(object={"note": "n-1", "åäö": "Å"}, detail={"reason": "oro"}, case="case-1")
    with store.begin(at=at) as tx:
        tx.record(given, sealer=sealer)
    with store.look(at=at) as tx:
        entry = parse_leaf(leaves_at(tx, [0])[0].entry)
        details = details_at(tx, [0])[0]
    opened = {field: read_sealed_form(row.body) for field, row in details.items()}
    assert all(entry.commitment(field) == commitment(field, one) for field, one in opened.items())
    assert opened["object"].value() == {"note": "n-1", "åäö": "Å", "case": "case-1", "k": 1}
    assert details["actor"].key_id == "open/actor"
    assert details["actor"].id == given.id


def test_the_counters_of_cases_and_organisations_have_no_gaps(
    store: Store, at: datetime, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    told = [("o-1", "a"), ("o-1", "b"), ("o-2", "a"), ("o-1", "a"), ("o-1", None)]
    for start in (0, 3):
        with store.begin(at=at) as tx:
            for organisation, case in told[start : start + 3]:
                tx.record(an_event(org=organisation, case=case), sealer=sealer)
    with store.look(at=at) as tx:
        log = StoredLog(tx)
        entries = [parse_leaf(row.entry) for row in log.leaves(0, 5)]
        objects = [row for row in log.details(0, 5) if row.field == "object"]
    numbers = [read_sealed_form(row.body).value().get("k") for row in objects]
    assert [(entry.org, entry.ko) for entry in entries] == [
        ("o-1", 1),
        ("o-1", 2),
        ("o-2", 1),
        ("o-1", 3),
        ("o-1", 4),
    ]
    assert numbers == [1, 1, 2, 3, None]


def test_an_act_that_was_undone_uses_up_no_number(
    store: Store, at: datetime, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    undone = an_event(case="a")
    with pytest.raises(StoreFault), store.begin(at=at) as tx:
        tx.record(undone, sealer=sealer)
        tx.record(undone, sealer=sealer)
    with store.begin(at=at) as tx:
        tx.record(an_event(case="a"), sealer=sealer)
    with store.look(at=at) as tx:
        entry = parse_leaf(leaves_at(tx, [0])[0].entry)
        body = details_at(tx, [0])[0]["object"].body
    assert (entry.n, entry.ko, read_sealed_form(body).value()["k"]) == (0, 1, 1)


def test_a_clock_gone_backwards_does_not_make_an_entry_earlier(
    store: Store, at: datetime, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    for moment in (at, at - timedelta(hours=1)):
        with store.begin(at=moment) as tx:
            tx.record(an_event(), sealer=sealer)
    with store.look(at=at) as tx:
        first, second = (parse_leaf(row.entry) for row in StoredLog(tx).leaves(0, 2))
    assert (second.t, second.tc) == (first.t, "2026-11-23T07:30:00.123456Z")


REWRITINGS = {
    "edit_a_leaf": "UPDATE audit_leaf SET entry = entry",
    "delete_a_leaf": "DELETE FROM audit_leaf",
    "edit_a_node": "UPDATE audit_node SET hash = hash",
    "delete_a_node": "DELETE FROM audit_node",
    "delete_the_head": "DELETE FROM audit_head",
    "second_head": "INSERT INTO audit_head (id, n, frontier) VALUES (2, 0, '')",
}


@pytest.mark.parametrize("rewriting", REWRITINGS)
def test_the_database_refuses_to_rewrite_the_log(store: Store, fill: Fill, rewriting: str) -> None:
    fill(3)
    said = r"is only added to|has one row"
    with pytest.raises(Exception, match=said), store.engine.begin() as connection:
        connection.exec_driver_sql(REWRITINGS[rewriting])


@SQLITE
def test_sqlite_refuses_to_replace_a_leaf(store: Store, fill: Fill) -> None:
    fill(1)
    with pytest.raises(Exception, match="is only added to"), store.engine.begin() as connection:
        connection.exec_driver_sql("REPLACE INTO audit_leaf SELECT * FROM audit_leaf")


@POSTGRES
@pytest.mark.parametrize("table", ["audit_leaf", "audit_node", "audit_head"])
def test_postgres_refuses_to_truncate_the_log(store: Store, fill: Fill, table: str) -> None:
    fill(1)
    with pytest.raises(Exception, match="is only added to"), store.engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {table} CASCADE")


def test_a_second_entry_at_the_same_place_is_refused(store: Store, fill: Fill) -> None:
    fill(1)
    with pytest.raises(Exception, match=r"(?i)unique"), store.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO audit_leaf (n, id, leaf_hash, entry) "
            "SELECT n, 'another', leaf_hash, entry FROM audit_leaf"
        )


def test_details_are_erased_with_an_entry_and_the_root_stays(
    store: Store, at: datetime, fill: Fill, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    before = fill(4)
    with store.begin(at=at) as tx:
        assert erase_details(tx, [1, 2], ["object", "detail"]) == 4
        tx.record(an_event("details.erased"), sealer=sealer)
    with store.look(at=at) as tx:
        log = StoredLog(tx)
        left = [(row.n, row.field) for row in log.details(0, 3)]
        leaves = [row.leaf_hash for row in log.leaves(0, 4)]
    assert left == [(0, "actor"), (0, "detail"), (0, "object"), (1, "actor"), (2, "actor")]
    assert tree_root(leaves) == before.root()


def test_details_are_not_erased_untold(store: Store, at: datetime, fill: Fill) -> None:
    fill(1)
    with pytest.raises(StoreFault, match="audit_detail"), store.begin(at=at) as tx:
        erase_details(tx, [0], ["actor"])


def test_the_newest_checkpoint_is_found_and_keeping_it_again_changes_nothing(
    store: Store, at: datetime
) -> None:
    first = CheckpointRow(1, b"r" * 32, b"note one", "2026-11-23T08:30:00.000000Z")
    second = CheckpointRow(5, b"s" * 32, b"note two", "2026-11-23T08:31:00.000000Z")
    with store.look(at=at) as tx:
        assert latest_checkpoint(tx) is None
    for row in (first, second, second):
        with store.begin(at=at) as tx:
            save_checkpoint(tx, row)
    with store.look(at=at) as tx:
        assert latest_checkpoint(tx) == second
        assert list(StoredLog(tx).checkpoints()) == [first, second]


def test_the_view_finds_an_organisations_entries_newest_first(
    store: Store, at: datetime, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    told: list[tuple[str, dict[str, Any]]] = [
        ("note.read", {"case": "a"}),
        ("note.read", {"case": "a", "org": "organisation-2"}),
        ("note.written", {"case": "b", "actor": {"staff": "staff-2"}}),
        ("session.sign_in_refused", {"actor": {}}),
    ]
    for op, given in told:
        with store.begin(at=at) as tx:
            tx.record(an_event(op, **given), sealer=sealer)
    with store.look(at=at) as tx:
        everything = entries_of_organisation(tx, "organisation-1")
        assert [(row.n, row.op, row.staff_id) for row in everything] == [
            (3, "session.sign_in_refused", None),
            (2, "note.written", "staff-2"),
            (0, "note.read", "staff-1"),
        ]
        assert everything[0].at == at
        assert [r.n for r in entries_of_organisation(tx, "organisation-1", before=3, most=1)] == [2]
        assert [r.n for r in entries_of_organisation(tx, "organisation-1", staff_id="staff-1")] == [
            0
        ]
        assert [r.n for r in entries_of_case(tx, "a", organisation_id="organisation-1")] == [0]
        assert entry_at(tx, everything[1].id) == everything[1]
        assert entry_at(tx, "nothing") is None


def test_the_view_agrees_with_the_entries(store: Store, at: datetime, fill: Fill) -> None:
    fill(5)
    with store.look(at=at) as tx:
        seen = {row.n: row for row in entries_of_organisation(tx, "organisation-1")}
        for row in StoredLog(tx).leaves(0, 5):
            entry = parse_leaf(row.entry)
            view = seen[row.n]
            assert (view.id, view.op, view.res, view.organisation_id) == (
                entry.id,
                entry.op,
                entry.res,
                entry.org,
            )


def test_a_log_whose_head_has_been_taken_away_refuses_every_act(
    store: Store, at: datetime, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    with store.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            connection.execute(text("DROP TRIGGER audit_head_no_delete"))
        connection.execute(text("DELETE FROM audit_head"))
    with pytest.raises(StoreFault, match="head row is missing"), store.begin(at=at) as tx:
        tx.record(an_event(), sealer=sealer)
