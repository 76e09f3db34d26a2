"""Nothing is written untold, nothing is told that did not happen. On both databases."""

# ruff: noqa: PT012 -- what fails is the end of the block, so the block is what is looked at.

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import delete, event, insert, select, text, update

from app.domain.ids import new_id
from app.records.audit_log import audit_leaf
from app.records.errors import StoreConflict, StoreFault, UnloggedWriteError
from app.records.schema import UNLOGGED_TABLES, all_tables
from app.records.staff import staff
from app.records.store import Store
from app.records.transaction import Transaction
from audit.entry import Event, parse_leaf
from audit.log import DetailSealer

MakeEvent = Callable[..., Event]


def operations(store: Store, at: Any) -> list[str]:
    """The operations in the log, in order."""
    with store.look(at=at) as tx:
        rows = tx.execute(select(audit_leaf.c.entry).order_by(audit_leaf.c.n))
        return [parse_leaf(row.entry).op for row in rows]


def members(store: Store, at: Any) -> int:
    with store.look(at=at) as tx:
        return len(tx.execute(select(staff.c.id)).all())


def hire(tx: Transaction, entry_id: str, name: str = "Karin") -> None:
    tx.execute(
        insert(staff).values(id=new_id(tx.at), name=name, title="handläggare", audit_id=entry_id)
    )


WRITES: dict[str, Any] = {
    "insert": insert(staff).values(id="s", name="K", title="t", audit_id="e"),
    "update": update(staff).values(name="L"),
    "delete": delete(staff),
    "text_insert": text(
        "INSERT INTO staff (id, name, title, audit_id) VALUES ('s', 'K', 't', 'e')"
    ),
    "text_update": text("update staff set name = 'L'"),
    "text_delete": text("DELETE\n  FROM staff"),
    "comment_between": text("UPDATE /* all of them */ staff SET name = 'L'"),
    "with_select_insert": text(
        "WITH one AS (SELECT 's' AS id) INSERT INTO staff (id, name, title, audit_id) "
        "SELECT id, 'K', 't', 'e' FROM one"
    ),
    "from_select": insert(staff).from_select(
        ["id", "name", "title", "audit_id"],
        select(staff.c.id, staff.c.name, staff.c.title, staff.c.id),
    ),
    "create": text("CREATE TABLE shadow (id INTEGER)"),
}


@pytest.mark.parametrize("kind", WRITES)
def test_a_write_of_any_kind_without_an_event_is_refused(store: Store, at: Any, kind: str) -> None:
    with pytest.raises(UnloggedWriteError), store.begin(at=at) as tx:
        tx.execute(WRITES[kind])
    assert members(store, at) == 0


def test_a_bulk_insert_without_an_event_is_refused(store: Store, at: Any) -> None:
    rows = [{"id": str(i), "name": "K", "title": "t", "audit_id": "e"} for i in range(50)]
    said = "wrote staff and recorded nothing"
    with pytest.raises(UnloggedWriteError, match=said), store.begin(at=at) as tx:
        tx.execute(insert(staff), rows)
    assert members(store, at) == 0


def test_a_write_in_a_common_table_expression_is_seen(store: Store, at: Any) -> None:
    if store.engine.dialect.name == "sqlite":
        statement = "WITH one AS (SELECT 's') UPDATE staff SET name = 'L'"
    else:
        statement = "WITH gone AS (DELETE FROM staff RETURNING id) SELECT id FROM gone"
    with pytest.raises(UnloggedWriteError), store.begin(at=at) as tx:
        tx.execute(text(statement))


def test_a_write_in_a_released_savepoint_without_an_event_is_refused(store: Store, at: Any) -> None:
    with pytest.raises(UnloggedWriteError), store.begin(at=at) as tx, tx.savepoint():
        hire(tx, "e")
    assert members(store, at) == 0


def test_a_reading_needs_no_event(store: Store, at: Any) -> None:
    with store.begin(at=at) as tx:
        assert tx.execute(select(staff)).all() == []
    assert operations(store, at) == []


def test_a_locked_reading_is_no_write(store: Store, at: Any) -> None:
    with store.begin(at=at) as tx:
        tx.execute(select(staff).with_for_update())
    assert operations(store, at) == []


def test_a_write_to_an_exempt_table_needs_no_event(store: Store, at: Any) -> None:
    with store.begin(at=at) as tx:
        tx.execute(
            text(
                "INSERT INTO sign_in_attempt (bucket, guesses, last_at) VALUES (1, 0, :at)"
            ).bindparams(
                sqlalchemy.bindparam(
                    "at", at, all_tables().tables["sign_in_attempt"].c.last_at.type
                )
            )
        )
    assert operations(store, at) == []


def test_an_exempt_table_does_not_excuse_another(store: Store, at: Any) -> None:
    with pytest.raises(UnloggedWriteError, match="wrote staff"), store.begin(at=at) as tx:
        tx.execute(text("DELETE FROM sign_in_attempt"))
        tx.execute(text("DELETE FROM staff"))


def test_every_exempt_table_exists_and_says_why() -> None:
    tables = all_tables().tables
    assert UNLOGGED_TABLES
    for name, reason in UNLOGGED_TABLES.items():
        assert name in tables
        assert len(reason) > 20


def test_a_write_with_its_event_is_kept_and_told(
    store: Store, at: Any, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    happened = an_event("staff.hired")
    with store.begin(at=at) as tx:
        hire(tx, happened.id)
        tx.record(happened, sealer=sealer)
    assert members(store, at) == 1
    assert operations(store, at) == ["staff.hired"]
    assert [entry.id for entry in tx.appended] == [happened.id]


def test_an_event_without_a_write_is_told(
    store: Store, at: Any, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    with store.begin(at=at) as tx:
        tx.record(an_event("note.read"), sealer=sealer)
    assert operations(store, at) == ["note.read"]


def test_two_events_are_told_in_the_order_they_were_recorded(
    store: Store, at: Any, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    with store.begin(at=at) as tx:
        tx.record(an_event("case.opened"), sealer=sealer)
        tx.record(an_event("note.written"), sealer=sealer)
    assert operations(store, at) == ["case.opened", "note.written"]


def test_a_row_whose_entry_was_never_told_cannot_be_committed(
    store: Store, at: Any, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    with pytest.raises(StoreFault), store.begin(at=at) as tx:
        hire(tx, new_id(at))
        tx.record(an_event(), sealer=sealer)
    assert members(store, at) == 0
    assert operations(store, at) == []


def test_what_a_rolled_back_savepoint_wrote_and_told_never_happened(
    store: Store, at: Any, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    kept, undone = an_event("staff.hired"), an_event("staff.fired")
    with store.begin(at=at) as tx:
        hire(tx, kept.id)
        tx.record(kept, sealer=sealer)
        with pytest.raises(RuntimeError), tx.savepoint():
            hire(tx, undone.id, "Nobody")
            tx.record(undone, sealer=sealer)
            raise RuntimeError("something went wrong in this part")
    assert members(store, at) == 1
    assert operations(store, at) == ["staff.hired"]


def test_what_a_released_savepoint_wrote_and_told_is_kept_in_order(
    store: Store, at: Any, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    happened = an_event("staff.hired")
    with store.begin(at=at) as tx:
        tx.record(an_event("first.told"), sealer=sealer)
        with tx.savepoint():
            hire(tx, happened.id)
            tx.record(happened, sealer=sealer)
        tx.record(an_event("last.told"), sealer=sealer)
    assert members(store, at) == 1
    assert operations(store, at) == ["first.told", "staff.hired", "last.told"]


def test_a_write_that_a_savepoint_undid_needs_no_event(store: Store, at: Any) -> None:
    with store.begin(at=at) as tx, pytest.raises(RuntimeError), tx.savepoint():
        hire(tx, "e")
        raise RuntimeError("undone")
    assert members(store, at) == 0


def test_an_event_in_a_savepoint_within_a_rolled_back_one_is_not_told(
    store: Store, at: Any, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    with store.begin(at=at) as tx, pytest.raises(RuntimeError), tx.savepoint():
        with tx.savepoint():
            tx.record(an_event(), sealer=sealer)
        raise RuntimeError("undone")
    assert operations(store, at) == []


def test_an_exception_keeps_nothing(
    store: Store, at: Any, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    happened = an_event()
    with pytest.raises(KeyboardInterrupt), store.begin(at=at) as tx:
        hire(tx, happened.id)
        tx.record(happened, sealer=sealer)
        raise KeyboardInterrupt
    assert members(store, at) == 0
    assert operations(store, at) == []


def test_a_sealer_that_fails_keeps_nothing(store: Store, at: Any, an_event: MakeEvent) -> None:
    class Broken:
        def seal(self, field: str, entry_id: str, plaintext: bytes) -> tuple[str, bytes]:
            raise RuntimeError("no key")

    happened = an_event()
    with pytest.raises(RuntimeError, match="no key"), store.begin(at=at) as tx:
        hire(tx, happened.id)
        tx.record(happened, sealer=Broken())
    assert members(store, at) == 0


@pytest.mark.parametrize("moment", ["before_the_commit", "at_each_statement_of_the_log"])
def test_a_fault_between_the_act_and_the_commit_keeps_neither_row_nor_entry(
    store: Store, at: Any, an_event: MakeEvent, sealer: DetailSealer, moment: str
) -> None:
    def act() -> None:
        happened = an_event(case="case-1")
        with store.begin(at=at) as tx:
            hire(tx, happened.id)
            tx.record(happened, sealer=sealer)

    def fail(*_: Any) -> None:
        raise RuntimeError("the power went")

    if moment == "before_the_commit":
        event.listen(store.engine, "commit", fail)
        with pytest.raises(RuntimeError):
            act()
        event.remove(store.engine, "commit", fail)
        failures = expected = 1
    else:
        expected = LOG_STATEMENTS[store.engine.dialect.name]
        failures = _fail_at_each_log_statement(store, act, expected)
    assert failures == expected
    assert members(store, at) == 0
    assert operations(store, at) == []
    act()
    with store.look(at=at) as tx:
        assert tx.execute(text("SELECT n FROM audit_head")).scalar_one() == 1
        assert set(tx.execute(text("SELECT k FROM audit_counter")).scalars()) == {1}


# SQLite: counters with head, leaf, details, view, head; a first entry completes no node.
# PostgreSQL: one that locks and counts, one that writes.
LOG_STATEMENTS = {"sqlite": 5, "postgresql": 2}


def _fail_at_each_log_statement(store: Store, act: Callable[[], None], count: int) -> int:
    """Run `act` with a fault before its first statement on the log, then its second, and so on."""
    failures = 0
    for number in range(1, count + 1):
        countdown = [number]

        def fail(_c: Any, _u: Any, statement: str, *_: Any, left: list[int] = countdown) -> None:
            left[0] -= "audit_" in statement and "INTO staff" not in statement
            if left[0] == 0:
                raise RuntimeError("the power went")

        event.listen(store.engine, "before_cursor_execute", fail)
        try:
            act()
        except RuntimeError:
            failures += 1
        finally:
            event.remove(store.engine, "before_cursor_execute", fail)
    return failures


def test_nothing_runs_after_the_log_has_been_written(
    store: Store, at: Any, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    statements: list[str] = []
    event.listen(
        store.engine,
        "before_cursor_execute",
        lambda _c, _u, statement, *_: statements.append(statement),
    )
    happened = an_event()
    with store.begin(at=at) as tx:
        hire(tx, happened.id)
        tx.record(happened, sealer=sealer)
        hire(tx, happened.id, "Sara")
    log = ("audit_head", "audit_lock_head")
    first = next(i for i, said in enumerate(statements) if any(name in said for name in log))
    assert sum("INTO staff" in statement for statement in statements[:first]) == 2
    assert all("INTO staff" not in statement for statement in statements[first:])
    with pytest.raises(StoreFault, match="over"):
        tx.execute(select(staff))


@pytest.mark.parametrize("table", ["audit_leaf", "audit_node", "audit_head", "audit_counter"])
def test_the_log_cannot_be_written_by_hand(
    store: Store, at: Any, an_event: MakeEvent, sealer: DetailSealer, table: str
) -> None:
    with pytest.raises(UnloggedWriteError, match=table), store.begin(at=at) as tx:
        tx.record(an_event(), sealer=sealer)
        tx.execute(delete(all_tables().tables[table]))


def test_a_reading_transaction_writes_nothing_and_tells_nothing(
    store: Store, at: Any, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    with pytest.raises(UnloggedWriteError, match=r"use Store\.begin"), store.look(at=at) as tx:
        tx.execute(text("DELETE FROM sign_in_attempt"))
    with pytest.raises(UnloggedWriteError), store.look(at=at) as tx:
        tx.record(an_event(), sealer=sealer)


@pytest.mark.parametrize("word", ["COMMIT", "ROLLBACK", "savepoint a", "BEGIN", "release a"])
def test_the_transaction_cannot_be_ended_by_a_statement(store: Store, at: Any, word: str) -> None:
    with pytest.raises(ValueError, match="ended by its block"), store.begin(at=at) as tx:
        tx.execute(text(word))


def test_a_failed_statement_that_was_passed_over_lets_nothing_be_kept(
    store: Store, at: Any, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    happened = an_event()
    with pytest.raises(StoreFault, match="earlier statement"), store.begin(at=at) as tx:
        hire(tx, happened.id)
        tx.record(happened, sealer=sealer)
        with pytest.raises(StoreFault):
            tx.execute(text("SELECT nothing FROM nowhere"))
    assert members(store, at) == 0


def test_a_failed_statement_in_a_savepoint_leaves_the_rest_standing(
    store: Store, at: Any, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    happened = an_event()
    with store.begin(at=at) as tx:
        hire(tx, happened.id)
        tx.record(happened, sealer=sealer)
        with pytest.raises(StoreFault), tx.savepoint():
            tx.execute(text("SELECT nothing FROM nowhere"))
    assert members(store, at) == 1


def test_a_fault_tells_no_values_of_the_row(store: Store, at: Any) -> None:
    row = {"id": "s", "name": "Astrid Hemlig", "title": "t", "audit_id": "e"}
    with pytest.raises(StoreConflict) as told, store.begin(at=at) as tx:
        tx.execute(insert(staff), [row, row])
    assert "Astrid" not in str(told.value)
    assert told.value.__suppress_context__


def test_a_time_without_a_zone_is_refused(store: Store, at: Any) -> None:
    with pytest.raises(ValueError, match="zone"), store.begin(at=at.replace(tzinfo=None)):
        pass
