"""Twelve attacks by who can write every row: six kinds, each with and without a tree made anew.

On both databases, past the triggers, through the rows themselves. Everything before the last
checkpoint that somebody outside has kept is seen; what came after it can be cut off unseen, which
is the known limit and asserted as that.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.bench.faults.writers import PlainSealer
from app.bench.tampering.written_log import WrittenLog
from app.domain.ids import new_id
from app.flows.seal_log import seal_log
from app.records.audit_log import StoredLog
from app.records.store import Store
from app.signer_commands import LOOK_SECONDS, keep_sealing
from audit.canonical import canonical
from audit.entry import Event, read_sealed_form
from audit.export import write_export
from audit.key_list import LogKeys
from audit.log import DetailRow, LeafRow
from audit.outside import OutsideFile, read_notes
from audit.report import Report
from audit.signer import Refused, Signed, SignerState
from audit.signer_keys import SignerFiles, create_signer_keys
from audit.verify import verify_export

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SEALED, WRITTEN = 30, 40
"""Entries up to the last checkpoint outside, and in all."""


@dataclass
class Scene:
    """A log on a database, its signer, and what is kept outside."""

    store: Store
    folder: Path
    keys: LogKeys
    signer: SignerFiles
    outside: Path

    def write(self, count: int) -> None:
        for number in range(count):
            at = AT + timedelta(seconds=number)
            with self.store.begin(at=at) as tx:
                event = Event(
                    id=new_id(at),
                    op="note.read",
                    res="allow",
                    org=("soc", "police")[number % 2],
                    actor={"staff": "karin"},
                    object={},
                    detail={},
                )
                tx.record(event, sealer=PlainSealer())

    def seal(self) -> Signed | Refused:
        return seal_log(self.signer, at=AT, store=self.store)

    def read(self) -> WrittenLog:
        """Every row, as somebody with the database's password would copy them."""
        with self.store.look(at=AT) as tx:
            log = StoredLog(tx)
            head = log.head()
            rows = self._rows("SELECT level, idx, hash FROM audit_node")
            return WrittenLog(
                head_row=head,
                leaf_rows={row.n: row for row in log.leaves(0, head.n)},
                detail_rows={(row.n, row.field): row for row in log.details(0, head.n)},
                node_rows={(row[0], row[1]): bytes(row[2]) for row in rows},
            )

    def put(self, log: WrittenLog) -> None:
        """Put other rows in their place, past every trigger and reference."""
        marks = "?" if self.store.engine.dialect.name == "sqlite" else "%s"
        connection: Any = self.store.engine.raw_connection()
        if marks == "?":
            connection.execute("PRAGMA foreign_keys=OFF")
            named = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for (name,) in connection.execute(named).fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute("BEGIN")
        else:
            connection.driver_connection.execute("SET session_replication_role = replica")
        do = connection.driver_connection
        tables: dict[str, list[tuple[Any, ...]]] = {
            "audit_node": [(*at, node) for at, node in log.node_rows.items()],
            "audit_detail": [(r.n, r.field, r.key_id, r.body) for r in log.detail_rows.values()],
            "audit_leaf": [(r.n, r.id, r.leaf_hash, r.entry) for r in log.leaf_rows.values()],
            "audit_head": [(1, log.head_row.n, log.head_row.t, log.head_row.frontier, 0)],
        }
        for table, rows in tables.items():
            do.execute(f"DELETE FROM {table}")  # noqa: S608
            for row in rows:
                values = ", ".join([marks] * len(row))
                do.execute(f"INSERT INTO {table} VALUES ({values})", row)  # noqa: S608
        do.commit()
        connection.invalidate()

    def verify(self) -> Report:
        """What an outsider finds, holding what was kept outside."""
        folder = self.folder / f"export-{len(list(self.folder.iterdir()))}"

        def opener(row: DetailRow) -> Any:
            return read_sealed_form(row.body)

        with self.store.look(at=AT) as tx:
            log = StoredLog(tx)
            write_export(log, folder, opener=opener, keys=self.keys, with_unsigned=True)
        return verify_export(folder, self.keys, held=read_notes(self.outside.read_bytes()))

    def _rows(self, statement: str) -> list[Any]:
        with self.store.engine.connect() as connection:
            return list(connection.exec_driver_sql(statement))


@pytest.fixture
def scene(store: Store, tmp_path: Path) -> Scene:
    folder = tmp_path / "signer"
    folder.mkdir()
    outside = tmp_path / "outside.jsonl"
    keys = create_signer_keys(folder / "key", folder / "state", name="test.example/log", at=AT)
    signer = SignerFiles(folder / "key", SignerState(folder / "state"), OutsideFile(outside))
    made = Scene(store, tmp_path, keys, signer, outside)
    made.write(SEALED)
    assert isinstance(made.seal(), Signed)
    made.write(WRITTEN - SEALED)
    return made


def _edit(rows: list[LeafRow]) -> None:
    rows[12] = _changed(rows[12], res="deny")


def _delete(rows: list[LeafRow]) -> None:
    del rows[12]


def _swap(rows: list[LeafRow]) -> None:
    rows[12], rows[14] = rows[14], rows[12]


def _insert(rows: list[LeafRow]) -> None:
    rows.insert(12, _changed(rows[12], id=new_id(AT)))


def _truncate(rows: list[LeafRow]) -> None:
    del rows[20:]


def _fork(rows: list[LeafRow]) -> None:
    rows[20:] = [_changed(row, id=new_id(AT), res="deny") for row in rows[20:]]


ATTACKS: dict[str, tuple[Callable[[list[LeafRow]], None], set[str]]] = {
    "edit": (_edit, {"edited"}),
    "delete": (_delete, {"missing", "edited"}),
    "swap": (_swap, {"reordered", "edited"}),
    "insert": (_insert, {"double-written", "edited", "forked"}),
    "truncate": (_truncate, {"truncated", "missing"}),
    "fork": (_fork, {"forked", "edited"}),
}


def _changed(row: LeafRow, **fields: Any) -> LeafRow:
    entry = canonical(json.loads(row.entry) | fields, limit=8192)
    return replace(row, id=str(fields.get("id", row.id)), entry=entry)


def _in_place(log: WrittenLog, rows: list[LeafRow], moved: bool) -> None:
    """The rows as they now are; hashes, nodes and head as they were."""
    before = dict(log.leaf_rows)
    log.leaf_rows.clear()
    for place, row in enumerate(rows):
        n = place if moved else row.n
        log.leaf_rows[n] = replace(row, n=n, leaf_hash=before.get(n, row).leaf_hash)


def _made_anew(log: WrittenLog, rows: list[LeafRow]) -> None:
    """Each entry says the place and number that it now has, and every hash is made anew."""
    details, numbers, latest = dict(log.detail_rows), dict.fromkeys(("soc", "police"), 0), ""
    log.leaf_rows.clear()
    log.detail_rows.clear()
    for place, row in enumerate(rows):
        said = json.loads(row.entry)
        numbers[said["org"]] += 1
        latest = max(latest, said["t"])
        now = _changed(row, n=place, ko=numbers[said["org"]], t=latest)
        log.leaf_rows[place] = replace(now, n=place)
        for (n, name), detail in details.items():
            if n == row.n:
                log.detail_rows[place, name] = replace(detail, n=place, id=now.id)
    log.rebuild()
    log.head_row = replace(log.head_row, t=latest)


@pytest.mark.parametrize("rebuilt", [False, True], ids=["rows alone", "tree made anew"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_it_is_seen_and_never_signed(scene: Scene, attack: str, rebuilt: bool) -> None:
    act, kinds = ATTACKS[attack]
    log = scene.read()
    rows = [log.leaf_rows[n] for n in sorted(log.leaf_rows)]
    act(rows)
    if rebuilt:
        _made_anew(log, rows)
        kinds = {"truncated"} if attack == "truncate" else {"forked"}
    else:
        _in_place(log, rows, moved=attack in ("swap", "insert"))
    scene.put(log)
    report = scene.verify()
    assert not report.verified
    assert kinds & {finding.kind for finding in report.findings}, report.words()
    if rebuilt:
        assert isinstance(scene.seal(), Refused)


def test_an_untouched_log_written_back_is_verified_and_signed(scene: Scene) -> None:
    scene.put(scene.read())
    report = scene.verify()
    assert [finding.kind for finding in report.findings] == ["unsigned-tail"]
    assert report.findings[0].index == SEALED
    assert isinstance(scene.seal(), Signed)


def test_the_known_limit_what_came_after_the_last_checkpoint_outside_is_cut_unseen(
    scene: Scene,
) -> None:
    log = scene.read()
    rows = [log.leaf_rows[n] for n in range(SEALED + 2)]
    _made_anew(log, rows)
    scene.put(log)
    assert {finding.kind for finding in scene.verify().findings} == {"unsigned-tail"}
    assert isinstance(scene.seal(), Signed)
    report = scene.verify()
    assert report.verified, "nothing tells that there were more; see the next test for how many"


class Enough(Exception):
    """The made-up clock has run as long as was wanted."""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_known_limit_is_as_long_as_the_signers_five_seconds(scene: Scene) -> None:
    now, written = [0.0], [(0.0, WRITTEN)]

    def sleep(seconds: float) -> None:
        """The signer sleeps, and meanwhile somebody works."""
        now[0] += seconds
        kept = scene.signer.outside
        latest = kept.latest([known.key for known in scene.keys]) if kept else None
        old = [count for at, count in written if now[0] - at > 5 + LOOK_SECONDS]
        assert latest is not None
        assert latest.size >= max(old, default=0), "older than that can be cut off unseen"
        scene.write(1)
        written.append((now[0], written[-1][1] + 1))
        if now[0] > 60:
            raise Enough

    with pytest.raises(Enough):
        keep_sealing(
            scene.signer,
            scene.store,
            every=5.0,
            clock=lambda: AT,
            sleep=sleep,
            monotonic=lambda: now[0],
        )
    signed = list(read_notes(scene.outside.read_bytes()))
    assert 10 <= len(signed) <= 16, "about every five seconds, and not at every look"
