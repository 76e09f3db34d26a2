"""The campaign: writers killed with -9 on SQLite, a server stopped or wounded on PostgreSQL.

After each crash everything that was acknowledged must be there, each row with its entry and each
entry with its row, the tree whole, and every root that was ever found still the root at its size.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from app.bench.faults.cluster import Cluster, NoServer
from app.bench.faults.findings import Findings
from app.bench.faults.writers import Writers, writing
from app.records.errors import StoreFault
from app.records.migrations.upgrade import upgrade
from app.records.store import Store

WRITERS_SQLITE, WRITERS_POSTGRES = 3, 6
_LONGEST = 60.0

Progress = Callable[[int, int], None]


def kill_writers(kills: int, *, seed: int, progress: Progress | None = None) -> Findings:
    """Three at a time on one SQLite file, until so many have been killed."""
    chance = random.Random(seed)  # noqa: S311 - when to kill, not a secret
    findings, acknowledged = Findings(), set[str]()
    with TemporaryDirectory() as name:
        url = f"sqlite:///{Path(name) / 'sluss.db'}"
        upgrade(url)
        while findings.crashes < kills:
            with writing(url, WRITERS_SQLITE) as writers:
                writers.wait_for_first()
                writers.listen(chance.random() * 0.4)
                writers.kill(chance)
                writers.bury()
            acknowledged |= writers.acknowledged
            findings.crashes += WRITERS_SQLITE
            _look(url, findings, acknowledged)
            if progress is not None:
                progress(min(findings.crashes, kills), kills)
    return findings


def crash_server(crashes: int, *, seed: int, progress: Progress | None = None) -> Findings:
    """Six writers; in turns the server is stopped at once, and one of its processes killed.

    Raises NoServer where PostgreSQL is not installed.
    """
    chance = random.Random(seed)  # noqa: S311 - when to crash, not a secret
    findings, acknowledged = Findings(), set[str]()
    with Cluster() as cluster:
        upgrade(cluster.url)
        while findings.crashes < crashes:
            with writing(cluster.url, WRITERS_POSTGRES) as writers:
                writers.wait_for_first()
                writers.listen(chance.random() * 0.3)
                if findings.crashes % 2:
                    _wound(cluster, writers, chance)
                else:
                    cluster.stop_at_once()
                    cluster.start()
                writers.bury()
            acknowledged |= writers.acknowledged
            findings.crashes += 1
            _look(cluster.url, findings, acknowledged)
            if progress is not None:
                progress(findings.crashes, crashes)
    return findings


def _wound(cluster: Cluster, writers: Writers, chance: random.Random) -> None:
    """Kill one process that serves a writer: the server then ends all others and recovers."""
    store = Store.open(cluster.url)
    asked = (
        "SELECT pid FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    with store.engine.connect() as connection:
        pids = [int(row[0]) for row in connection.exec_driver_sql(asked)]
    store.close()
    os.kill(chance.choice(pids), signal.SIGKILL)
    writers.listen(0.2)


def _look(url: str, findings: Findings, acknowledged: set[str]) -> None:
    """Open what is left as the next process would, as soon as it can be opened."""
    until = time.monotonic() + _LONGEST
    while True:
        try:
            store = Store.open(url)
            break
        except StoreFault:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
    try:
        findings.look(store, acknowledged)
    finally:
        store.close()


def print_campaign(*, kills: int, crashes: int, seed: int) -> bool:
    """Run both and print. True if nothing was lost; also where there is no PostgreSQL, said so."""
    say = sys.stdout.write
    say(f"seed {seed}\n")
    holds = _told("SQLite, writers killed", kill_writers(kills, seed=seed, progress=_progress))
    try:
        found = crash_server(crashes, seed=seed, progress=_progress)
    except NoServer as fault:
        say(f"PostgreSQL               not tried: {fault}\n")
        return holds
    return _told("PostgreSQL, crashes", found) and holds


def _told(what: str, found: Findings) -> bool:
    say = sys.stdout.write
    say(
        f"{what:<24} {found.crashes:>4}: {found.acknowledged} acknowledged, {found.rows} rows, "
        f"{found.entries} entries, {'nothing lost' if found.holds else 'LOST'}\n"
    )
    for line in found.wrong[:20]:
        say(f"  {line}\n")
    return found.holds


def _progress(done: int, total: int) -> None:
    if done % 15 == 0 or done == total:
        sys.stderr.write(f"{done} of {total}\n")
