"""Appending: indices, times, counters, commitments, stored nodes; one writer or several."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from audit.entry import commitment, parse_leaf
from audit.errors import EntryError
from audit.log import EMPTY_HEAD, Head, append_all, stored_nodes
from audit.merkle import Frontier, leaf_hash, root_at, tree_root


def entry(log: Any, n: int) -> Any:
    return parse_leaf(log.leaf_rows[n].entry)


def test_the_first_entry_has_index_nought_and_the_head_counts_one(log: Any, kit: Any) -> None:
    appended = kit.write(log, 1)
    assert (appended.n, log.head().n) == (0, 1)
    assert log.head().root() == appended.leaf_hash == leaf_hash(log.leaf_rows[0].entry)


def test_the_root_of_the_head_is_the_root_over_the_stored_entries(log: Any, kit: Any) -> None:
    for number in range(37):
        kit.write(log, number)
    leaves = [leaf_hash(row.entry) for row in log.leaves(0, 37)]
    assert log.head().root() == tree_root(leaves) == root_at(37, stored_nodes(log))


def test_every_stored_node_is_above_level_nought_and_never_written_twice(
    log: Any, kit: Any
) -> None:
    for number in range(32):
        kit.write(log, number)
    assert len(log.node_rows) == 31
    assert min(level for level, _ in log.node_rows) == 1


def test_nothing_said_about_actor_object_or_detail_is_in_the_leaf(log: Any, kit: Any) -> None:
    kit.write(log, 1)
    leaf = log.leaf_rows[0].entry
    for said in (b"karin", b"case_worker", b"note-1", b"192.0.2.7", b"case-1"):
        assert said not in leaf


def test_the_three_commitments_open_to_what_was_said(log: Any, kit: Any) -> None:
    kit.write(log, 1)
    for row in log.details(0, 1):
        opened = kit.open(row)
        assert commitment(row.field, opened) == entry(log, 0).commitment(row.field)
    assert kit.open(log.detail_rows[0, "actor"]).value() == {
        "staff": "karin",
        "role": "case_worker",
    }


def test_two_entries_about_the_same_thing_have_different_commitments(log: Any, kit: Any) -> None:
    kit.write(log, 1, case=None)
    kit.write(log, 2, object={"note": "note-1"}, case=None)
    assert entry(log, 0).co != entry(log, 1).co
    assert entry(log, 0).ca != entry(log, 1).ca


def test_the_salt_is_sealed_with_the_text_so_that_it_is_erased_with_it(log: Any, kit: Any) -> None:
    kit.write(log, 1)
    row = log.detail_rows[0, "object"]
    assert kit.open(row).salt in row.body
    assert kit.open(row).salt.hex().encode() not in log.leaf_rows[0].entry


def test_the_case_counter_is_gapless_and_committed_to_with_the_object(log: Any, kit: Any) -> None:
    for number, case in enumerate(["case-1", "case-2", "case-1", None, "case-1"]):
        kit.write(log, number, case=case)
    objects = [kit.open(log.detail_rows[n, "object"]).value() for n in range(5)]
    assert [item.get("k") for item in objects] == [1, 1, 2, None, 3]
    assert [item.get("case") for item in objects] == ["case-1", "case-2", "case-1", None, "case-1"]


def test_the_counter_of_the_organisation_is_gapless_and_in_clear(log: Any, kit: Any) -> None:
    for number, org in enumerate(["org-sunne", "org-torsby", "org-sunne"]):
        kit.write(log, number, org=org, case=None)
    assert [entry(log, n).ko for n in range(3)] == [1, 1, 2]


def test_several_events_of_one_transaction_follow_each_other(log: Any, kit: Any) -> None:
    events = [(kit.event(number), kit.sealer()) for number in range(3)]
    with log.begin() as tx:
        written = append_all(tx, events, at=kit.start)
    assert [item.n for item in written] == [0, 1, 2]
    assert [kit.open(log.detail_rows[n, "object"]).value()["k"] for n in range(3)] == [1, 2, 3]
    assert log.head().root() == tree_root([row.leaf_hash for row in log.leaves(0, 3)])


def test_no_events_lock_nothing(log: Any) -> None:
    with log.begin() as tx:
        assert append_all(tx, [], at=datetime(2026, 11, 23)) == []  # noqa: DTZ001


def test_a_clock_that_goes_back_leaves_time_standing_and_keeps_the_raw_clock(
    log: Any, kit: Any
) -> None:
    kit.write(log, 1, at=kit.start)
    kit.write(log, 2, at=kit.start - timedelta(hours=1))
    kit.write(log, 3, at=kit.start + timedelta(seconds=1))
    assert [entry(log, n).t for n in range(3)] == [
        "2026-11-23T08:00:00.000000Z",
        "2026-11-23T08:00:00.000000Z",
        "2026-11-23T08:00:01.000000Z",
    ]
    assert [entry(log, n).tc for n in range(3)] == [None, "2026-11-23T07:00:00.000000Z", None]


def test_a_time_in_another_zone_is_written_as_utc(log: Any, kit: Any) -> None:
    swedish = timezone(timedelta(hours=1))
    kit.write(log, 1, at=datetime(2026, 11, 23, 9, 30, 0, 7, tzinfo=swedish))
    assert entry(log, 0).t == "2026-11-23T08:30:00.000007Z"


def test_a_time_without_a_zone_is_refused_and_nothing_is_written(log: Any, kit: Any) -> None:
    with pytest.raises(EntryError, match="without a zone"):
        kit.write(log, 1, at=datetime(2026, 11, 23))  # noqa: DTZ001
    assert log.head() == EMPTY_HEAD
    assert not log.leaf_rows


def test_text_in_another_unicode_form_is_committed_to_in_nfc(log: Any, kit: Any) -> None:
    kit.write(log, 1, detail={"reason": "fo\u0308ra\u0308lder"})
    assert kit.open(log.detail_rows[0, "detail"]).value() == {"reason": "förälder"}


def test_a_sealer_that_fails_leaves_neither_entry_nor_counter(log: Any, kit: Any) -> None:
    class Failing:
        def seal(self, field: str, entry_id: str, plaintext: bytes) -> tuple[str, bytes]:
            raise OSError("the key is gone")

    with pytest.raises(OSError, match="the key is gone"), log.begin() as tx:
        append_all(tx, [(kit.event(1), Failing())], at=kit.start)
    assert (log.head(), log.counters, log.leaf_rows) == (EMPTY_HEAD, {}, {})


def test_two_writers_on_an_empty_log_neither_fork_nor_leave_a_gap(log: Any, kit: Any) -> None:
    threads = [
        threading.Thread(
            target=lambda base: [kit.write(log, base + number) for number in range(60)],
            args=(base,),
        )
        for base in (1000, 2000)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(log.leaf_rows) == list(range(120))
    assert [entry(log, n).n for n in range(120)] == list(range(120))
    counters = [kit.open(log.detail_rows[n, "object"]).value()["k"] for n in range(120)]
    assert counters == list(range(1, 121))
    assert log.head().root() == tree_root([leaf_hash(log.leaf_rows[n].entry) for n in range(120)])


def test_two_writers_without_the_lock_are_stopped_by_the_primary_key(log: Any, kit: Any) -> None:
    class Unlocked(type(log)):  # type: ignore[misc]
        def lock_head(self) -> Head:
            return EMPTY_HEAD

    store = Unlocked()
    append_all(store, [(kit.event(1), kit.sealer())], at=kit.start)
    with pytest.raises(AssertionError, match="primary key"):
        append_all(store, [(kit.event(2), kit.sealer())], at=kit.start)


def test_a_head_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(EntryError, match="latest time"):
        Head(0, "2026-11-23T08:00:00.000000Z", b"")
    with pytest.raises(EntryError, match="latest time"):
        Head(1, None, bytes(32))


def test_the_missing_node_is_named(log: Any, kit: Any) -> None:
    for number in range(8):
        kit.write(log, number)
    del log.node_rows[3, 0]
    with pytest.raises(EntryError, match="node 0 at level 3 is missing"):
        root_at(8, stored_nodes(log))


def test_counters_are_asked_for_in_one_question(log: Any, kit: Any) -> None:
    asked: list[Sequence[str]] = []

    class Asking(type(log)):  # type: ignore[misc]
        def next_counters(self, scopes: Sequence[str]) -> list[int]:
            asked.append(scopes)
            return super().next_counters(scopes)

    with Asking().begin() as tx:
        append_all(tx, [(kit.event(n), kit.sealer()) for n in range(2)], at=kit.start)
    assert asked == [["org:org-sunne", "case:case-1", "org:org-sunne", "case:case-1"]]


def test_the_leaf_is_json_that_an_auditor_can_read(log: Any, kit: Any) -> None:
    kit.write(log, 1)
    read = json.loads(log.leaf_rows[0].entry)
    assert (read["op"], read["res"], read["org"], read["rule"]) == (
        "note.read",
        "allow",
        "org-sunne",
        "P-18a",
    )
    assert len(log.leaf_rows[0].entry) < 600


def test_a_frontier_is_stored_as_the_hashes_of_the_right_edge(log: Any, kit: Any) -> None:
    for number in range(5):
        kit.write(log, number)
    frontier = Frontier.from_bytes(5, log.head().frontier)
    assert frontier.hashes == (log.node_rows[2, 0], log.leaf_rows[4].leaf_hash)
