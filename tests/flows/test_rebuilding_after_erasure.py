"""The index is made anew where entries are gone: what nothing else says is kept, and told."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy

from app.flows.close_case import set_case_state
from app.flows.follow_log import Unsound
from app.flows.rebuild_index import IndexCompared, Keeper, compare_index, rebuild_index
from tests.flows.archive import Archive
from tests.flows.test_pruning_log import aged, pruned
from tests.flows.test_rebuilding_index import rows

__all__ = ["aged"]


def keeper(archive: Archive) -> Keeper:
    town = archive.town
    return Keeper(
        operator=archive.operator,
        at=town.at,
        store=town.store,
        rings=town.rings,
        log_keys=archive.keys,
        progress=lambda done, total: None,
    )


def compared(archive: Archive) -> IndexCompared:
    found = compare_index(keeper(archive))
    assert isinstance(found, IndexCompared)
    return found


def by_hand(archive: Archive, *statements: str) -> None:
    """As the one who owns the tables, past every trigger and reference."""
    engine = archive.town.store.engine
    connection: Any = engine.raw_connection()
    run = connection.driver_connection.execute
    if engine.dialect.name == "sqlite":
        run("PRAGMA foreign_keys=OFF")
        named = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in run(named).fetchall():
            run(f"DROP TRIGGER {name}")
    else:
        run("SET session_replication_role = replica")
    for statement in statements:
        assert run(statement).rowcount > 0
    connection.driver_connection.commit()
    connection.invalidate()


@pytest.fixture
def erased(aged: tuple[Archive, str]) -> Archive:
    """Old entries have been pruned, and what the younger ones told has been erased."""
    archive, _ = aged
    pruned(archive)
    archive.seal()
    return archive


def test_an_index_of_what_is_left_is_as_the_log_says(erased: Archive) -> None:
    found = compared(erased)
    assert found.whole
    assert found.log.size > len(rows(erased.town))


def test_a_row_for_an_entry_that_was_pruned_is_one_too_many_and_goes(erased: Archive) -> None:
    gone = min(set(range(20)) - rows(erased.town).keys())
    last = max(rows(erased.town))
    # Two numbers of the test's own; the two drivers write their parameters differently.
    by_hand(erased, f"UPDATE audit_view SET n = {gone} WHERE n = {last}")  # noqa: S608
    found = rebuild_index(keeper(erased))
    assert isinstance(found, IndexCompared)
    assert found.counts == {"differs": 0, "missing": 1, "surplus": 1}
    assert [one.n for one in found.faults["surplus"]] == [gone]
    assert gone not in rows(erased.town)
    assert compared(erased).whole


def test_the_index_is_not_believed_on_what_was_erased(erased: Archive) -> None:
    by_hand(erased, "DELETE FROM audit_view WHERE op IN ('details.erased', 'entries.pruned')")
    found = rebuild_index(keeper(erased))
    assert isinstance(found, IndexCompared)
    assert set(found.counts.values()) == {0, found.counts["missing"]}
    assert compared(erased).whole


UNSOUND = {
    "an entry's bytes": "UPDATE audit_leaf SET entry = leaf_hash WHERE n = 5",
    "an entry that is gone": "DELETE FROM audit_leaf WHERE n = 5",
    "its hash": "UPDATE audit_leaf SET leaf_hash = (SELECT leaf_hash FROM audit_leaf WHERE n = 4) "
    "WHERE n = 5",
    "its bytes, taken away": "UPDATE audit_leaf SET entry = substr(entry, 1, 0) WHERE n = 5",
    "who did it, taken away": "DELETE FROM audit_detail WHERE n = 5 AND field = 'actor'",
    "a signed root": "UPDATE audit_checkpoint SET root = (SELECT leaf_hash FROM audit_leaf "
    "WHERE n = 4)",
    "every signature": "DELETE FROM audit_checkpoint",
}


@pytest.mark.parametrize("what", UNSOUND)
def test_nothing_is_made_from_a_log_that_does_not_verify(archive: Archive, what: str) -> None:
    archive.town.case()
    archive.seal()
    by_hand(archive, UNSOUND[what], "DELETE FROM audit_view WHERE n = 1")
    assert isinstance(compare_index(keeper(archive)), Unsound)
    assert 1 not in rows(archive.town)


def test_that_it_was_refused_is_told(archive: Archive) -> None:
    archive.town.case()
    by_hand(archive, "DELETE FROM audit_view WHERE n = 1")
    assert isinstance(rebuild_index(keeper(archive)), Unsound)
    kept = rows(archive.town)
    assert 1 not in kept
    newest = kept[max(kept)]
    assert (newest.op, newest.res) == ("index.rebuilt", "deny")


def test_an_erased_case_is_kept_in_the_index_and_told(archive: Archive) -> None:
    town = archive.town
    case = town.case()
    note = town.note(case)
    town.disclose(town.order(note))
    set_case_state(case, "closed", town.karin, **town.hands)
    archive.seal()
    town.later(days=5 * 365 + 30)
    archive.purge(archive.plan().code)
    archive.seal()
    found = compared(archive)
    assert found.whole
    assert found.underivable == sum(row.case_id == case for row in rows(town).values())
    with town.store.engine.begin() as connection:
        connection.execute(
            sqlalchemy.text("DELETE FROM audit_view WHERE case_id = :c"), {"c": case}
        )
    again = rebuild_index(keeper(archive))
    assert isinstance(again, IndexCompared)
    assert again.counts["missing"] == found.underivable
    assert case not in {row.case_id for row in rows(town).values()}
