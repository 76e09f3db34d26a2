"""The index of entries is held against the log, and made anew from it."""

from __future__ import annotations

import pytest
import sqlalchemy

from app.domain.ids import INSTALLATION
from app.flows.index_held import Held, IndexReader
from app.flows.install import Operator
from app.flows.rebuild_index import (
    IndexCompared,
    Keeper,
    compare_index,
    rebuild_index,
)
from app.records.audit_view import SeenEntry, audit_view, seen
from app.records.log_beside_index import Chosen
from tests.flows.by_hand import by_hand
from tests.flows.test_exporting import WHOLE, Desk, busy, desk
from tests.flows.test_held_to_log import CHANGES, GONE, change, index_of, refused
from tests.flows.town import Town

__all__ = ["busy", "desk"]


def rows(town: Town) -> dict[int, SeenEntry]:
    with town.store.look(at=town.at) as tx:
        return {row.n: seen(row) for row in tx.execute(sqlalchemy.select(audit_view))}


def held(town: Town) -> list[Held]:
    with town.store.look(at=town.at) as tx:
        size = max(rows(town)) + 1
        return list(IndexReader(tx, town.rings).held(0, size, Chosen()))


def keeper(desk: Desk) -> Keeper:
    town = desk.town
    return Keeper(
        operator=Operator(name="tekniker", ring=town.rings.current(INSTALLATION)),
        at=town.at,
        store=town.store,
        rings=town.rings,
        log_keys=desk.worker.log_keys,
        progress=lambda done, total: None,
    )


def compared(desk: Desk) -> IndexCompared:
    found = compare_index(keeper(desk))
    assert isinstance(found, IndexCompared)
    return found


def rebuilt(desk: Desk) -> IndexCompared:
    found = rebuild_index(keeper(desk))
    assert isinstance(found, IndexCompared)
    return found


def test_the_log_says_all_that_the_index_says(desk: Desk, busy: str) -> None:
    found = held(desk.town)
    assert [one.n for one in found] == sorted(rows(desk.town))
    assert all(one.alike for one in found)
    assert not any(one.unsaid for one in found)


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_row_is_named_and_made_as_the_log_says(desk: Desk, busy: str, name: str) -> None:
    desk.seal()
    before, n = rows(desk.town), index_of(desk, "note.disclosed")
    change(desk, name, n)
    found = compared(desk)
    assert found.counts == {"differs": 1, "missing": 0, "surplus": 0}
    assert [one.n for one in found.faults["differs"]] == [n]
    assert rows(desk.town)[n] != before[n]
    rebuilt(desk)
    assert rows(desk.town).items() >= before.items()
    assert compared(desk).whole


def test_an_index_that_is_gone_is_made_anew_whole(desk: Desk, busy: str) -> None:
    desk.seal()
    before = rows(desk.town)
    by_hand(desk.town, "DELETE FROM audit_view")
    assert rebuilt(desk).counts["missing"] == len(before)
    assert rows(desk.town).items() >= before.items()


def test_an_export_that_was_refused_goes_through_when_the_index_is_made_anew(
    desk: Desk, busy: str
) -> None:
    desk.seal()
    n = index_of(desk, "note.disclosed")
    by_hand(desk.town, GONE, n=n)
    refused(desk, None, n)
    rebuilt(desk)
    desk.make(WHOLE)
