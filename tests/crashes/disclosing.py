"""Kill a process at every point of disclosing a note, and look at what is left.

Run as `python -m tests.crashes.disclosing FOLDER MODE`. It builds a town on the database that
FOLDER/database names, keeps it, and then for N = 1, 2, ... lets a forked child disclose one note
and die at its N-th point, until a child lives. The points:

- `statements`: before and after each statement, and before and after the commit;
- `flushes`: at the N-th call of any that writes, flushes, cuts or removes a file (strace).

One JSON line per child tells what was acknowledged and what the database then held.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import sqlalchemy

from app.flows.disclose_note import Disclosed, disclose_note
from app.keys import RootKey, SoftwareKeyring
from app.records.audit_log import StoredLog
from app.records.store import Store
from audit.log import stored_nodes
from audit.merkle import Frontier, leaf_hash, root_at
from policies import load
from tests.flows.town import AT, Town, build_town

FLUSHES = "write,pwrite64,pwritev,fsync,fdatasync,ftruncate,unlink,rename,msync"
MOST_POINTS = 400
TABLES = ("delivery", "disclosure", "answer", "sent_form", "audit_leaf", "audit_view")


def main(folder: Path, mode: str) -> None:
    """Build, then kill one child after another."""
    url = (folder / "database").read_text().strip()
    law = load()
    keyring = SoftwareKeyring(RootKey.create(folder / "root.key", "production"))
    store = Store.open(url)
    town = build_town(store, keyring, law)
    case = town.case()
    # Meant again, because on PostgreSQL what one child has completed is there for the next.
    order = replace(town.assessed(case, town.note(case), token="the-form"), again=True)
    before = _counts(store)
    store.close()
    keep = _keep(url, folder)
    for point in range(1, MOST_POINTS):
        keep()
        acknowledged, killed = _child(url, town, order, mode, point, folder)
        left = _left(url, before)
        told = {"point": point, "acknowledged": acknowledged, "killed": killed} | left
        sys.stdout.write(json.dumps(told) + "\n")
        if not killed:
            return
    raise SystemExit(f"still dying after {MOST_POINTS} points")


def _keep(url: str, folder: Path) -> Callable[[], None]:
    """A way back to the database as it is now. PostgreSQL: only a lone act is undone, by itself."""
    if not url.startswith("sqlite"):
        return lambda: _forget_disclosure(url)
    file = Path(url.removeprefix("sqlite:///"))
    copy = folder / "kept.db"
    shutil.copyfile(file, copy)

    def back() -> None:
        for suffix in ("-wal", "-shm"):
            Path(f"{file}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(copy, file)

    return back


def _forget_disclosure(url: str) -> None:
    """Remove what an earlier child may have completed, so that each child starts alike."""
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DELETE FROM sent_form WHERE token = 'the-form'"))
    engine.dispose()


def _child(
    url: str, town: Town, order: object, mode: str, point: int, folder: Path
) -> tuple[bool, bool]:
    """Fork a child that discloses; (acknowledged, killed)."""
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        _disclose(url, town, order, mode, point, said)
    os.close(said)
    tracer = _trace(child, point, folder) if mode == "flushes" else None
    with os.fdopen(heard, "rb") as pipe:
        acknowledged = pipe.read() == b"yes"
    _, status = os.waitpid(child, 0)
    if tracer is not None:
        tracer.wait(120)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status) != 0:
        raise SystemExit(f"the child failed by itself at point {point}")
    return acknowledged, os.WIFSIGNALED(status)


def _disclose(url: str, town: Town, order: object, mode: str, point: int, said: int) -> None:
    """In the child: open, wait for the tracer if there is one, disclose, tell, leave."""
    failed = 1
    try:
        store = Store.open(url)
        if mode == "statements":
            _die_at(store, point)
        else:
            os.kill(os.getpid(), signal.SIGSTOP)
        outcome = disclose_note(
            order,  # type: ignore[arg-type]
            town.karin,
            at=AT,
            store=store,
            rings=town.rings,
            law=town.law,
        )
        if isinstance(outcome, Disclosed):
            os.write(said, b"yes")
            failed = 0
    finally:
        os._exit(failed)


def _die_at(store: Store, point: int) -> None:
    """Count before and after each statement and the commit, and die at the one asked for."""
    passed = 0

    def step(*_: object) -> None:
        nonlocal passed
        passed += 1
        if passed == point:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        sqlalchemy.event.listen(store.engine, name, step)
    # After the commit the connection is reset: what is committed is there, and nobody was told.
    sqlalchemy.event.listen(store.engine, "checkin", step)


def _trace(child: int, point: int, folder: Path) -> subprocess.Popen[bytes]:
    """Attach strace to the stopped child, then let it go on."""
    os.waitpid(child, os.WUNTRACED)
    log = folder / "strace"
    log.unlink(missing_ok=True)
    tracer = subprocess.Popen(
        [
            "strace",
            *("-p", str(child)),
            *("-o", str(log)),
            *("-e", f"trace={FLUSHES}"),
            *("-e", f"inject={FLUSHES}:signal=SIGKILL:when={point}"),
        ],
        stderr=subprocess.PIPE,
    )
    assert tracer.stderr is not None
    if b"attached" not in tracer.stderr.readline():
        raise SystemExit("strace could not attach; it needs ptrace")
    os.kill(child, signal.SIGCONT)
    return tracer


def _counts(store: Store) -> dict[str, int]:
    with store.look(at=AT) as tx:
        return {
            table: tx.execute(
                sqlalchemy.select(sqlalchemy.func.count()).select_from(sqlalchemy.table(table))
            ).scalar_one()
            for table in TABLES
        }


def _left(url: str, before: dict[str, int]) -> dict[str, object]:
    """What the next process finds: rows more than before, and whether the log still adds up."""
    store = Store.open(url)
    try:
        now = _counts(store)
        with store.look(at=AT) as tx:
            log = StoredLog(tx)
            head = log.head()
            frontier = Frontier()
            for row in log.leaves(0, head.n):
                frontier, _ = frontier.append(leaf_hash(row.entry))
            adds_up = (
                frontier.size == head.n
                and frontier.root() == head.root()
                and root_at(head.n, stored_nodes(log)) == head.root()
            )
        return {
            "more": {table: now[table] - before[table] for table in TABLES},
            "log_adds_up": adds_up,
        }
    finally:
        store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
