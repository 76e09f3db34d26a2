"""Alterations of a real SQLite file, written by the service itself, by someone who has its file.

The rows are sealed under real rings and case keys and signed by the real signer. What is altered is
a copy, past every trigger; then it is exported as any log is.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from app.bench.bench_house import RECIPIENT, SENDER, BenchHouse
from app.bench.tampering.alteration import Expected, expect
from app.domain.ids import INSTALLATION
from app.flows.find_case import open_case
from app.flows.happened import happened
from app.flows.open_details import open_detail
from app.flows.seal_log import seal_log
from app.keys import CaseKey, event_sealer
from app.records.audit_log import StoredLog
from app.records.case import case_of_organisation
from app.records.store import Store
from app.signer_files import signer_files
from audit.canonical import canonical
from audit.checkpoint import Checkpoint, SigningKey, sign_note
from audit.entry import LEAF_CAP, OpenedDetail, time_text
from audit.export import Unopened, write_export
from audit.log import DetailRow
from audit.merkle import Frontier, cover, leaf_hash
from audit.report import Report
from audit.signer import SignerState
from audit.signer_keys import SignerFiles
from audit.verify import verify_export


class StoredHouse:
    """A small installation whose log has been signed twice, and kept as files to copy."""

    def __init__(self, folder: Path) -> None:
        self.house = BenchHouse(folder / "house")
        self._folder = folder

    def __enter__(self) -> StoredHouse:
        house = self.house.__enter__()
        self.case_id, _ = house.case_with_notes(6)
        house.fill_log(12)  # and the first checkpoint
        files = signer_files(house.house.config)
        self._early = self._folder / "early.state"
        shutil.copyfile(files.state.path, self._early)
        self.sealed_early = self._size()
        with house.store.begin(at=house.at) as tx:
            tx.record(
                happened("cases.listed", "allow", house.actor, at=house.at),
                sealer=event_sealer(house.rings.current(SENDER.id), None),
            )
        seal_log(files, at=house.at, store=house.store)
        self.files = files
        return self

    def __exit__(self, *fault: object) -> None:
        self.house.house.close()

    def _size(self) -> int:
        with self.house.store.look(at=self.house.at) as tx:
            latest = StoredLog(tx).latest_checkpoint()
        return latest.n if latest else 0

    def copy(self, folder: Path, chance: random.Random) -> StoredScene:
        """The database and the signer's memory, in a folder of their own."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        source: Any = self.house.store.engine.raw_connection()
        source.driver_connection.execute("VACUUM INTO ?", (str(folder / "sluss.db"),))
        source.close()
        shutil.copyfile(self.files.state.path, folder / "late.state")
        shutil.copyfile(self._early, folder / "early.state")
        return StoredScene(self, folder, chance)


@dataclass
class StoredScene:
    """One copy, before it is exported."""

    of: StoredHouse
    folder: Path
    chance: random.Random
    held: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = Store.open(f"sqlite:///{self.folder / 'sluss.db'}")
        raw: Any = self.store.engine.raw_connection()
        self._raw, self.db = raw, raw.driver_connection
        self.db.execute("PRAGMA foreign_keys=OFF")
        named = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in self.db.execute(named).fetchall():
            self.db.execute(f"DROP TRIGGER {name}")
        (self.size,) = self.db.execute("SELECT n FROM audit_head").fetchone()

    def place(self) -> int:
        """Any entry, and often the first or last."""
        return self.chance.choice((0, self.size - 1, *(self.chance.randrange(self.size),) * 4))

    def entry(self, n: int) -> bytes:
        """The stored bytes."""
        return bytes(
            self.db.execute("SELECT entry FROM audit_leaf WHERE n = ?", (n,)).fetchone()[0]
        )

    def rewrite(self, n: int, **fields: str | int) -> None:
        """Other bytes in the entry's place; its hash stands."""
        changed = canonical(json.loads(self.entry(n)) | fields, limit=LEAF_CAP)
        self.db.execute("UPDATE audit_leaf SET entry = ? WHERE n = ?", (changed, n))

    def rebuild(self) -> None:
        """Hashes, nodes and head anew."""
        frontier = Frontier()
        self.db.execute("DELETE FROM audit_node")
        for n in range(self.size):
            digest = leaf_hash(self.entry(n))
            self.db.execute("UPDATE audit_leaf SET leaf_hash = ? WHERE n = ?", (digest, n))
            frontier, completed = frontier.append(digest)
            for (level, idx), node in completed:
                self.db.execute("INSERT INTO audit_node VALUES (?, ?, ?)", (level, idx, node))
        self.db.execute("UPDATE audit_head SET frontier = ?", (frontier.to_bytes(),))

    def flipped(self, data: bytes) -> bytes:
        """With one bit changed."""
        changed = bytearray(data)
        changed[self.chance.randrange(len(data))] ^= 1 << self.chance.randrange(8)
        return bytes(changed)

    def write_entry_and_sign(self, state: str = "late.state") -> None:
        """One more entry, signed with what the signer remembers in that file."""
        house = self.of.house
        signer = SignerFiles(self.of.files.key, SignerState(self.folder / state))

        at = house.at + timedelta(seconds=5)
        self.db.commit()
        with self.store.begin(at=at) as tx:
            tx.record(
                happened("cases.listed", "allow", house.actor, at=at),
                sealer=event_sealer(house.rings.current(SENDER.id), None),
            )
        seal_log(signer, at=at, store=self.store)

    def verify(self) -> Report:
        """What an outsider finds in an export made now of the whole log."""
        house, folder = self.of.house, self.folder / "export"

        self.db.commit()
        with self.store.look(at=house.at) as tx:
            found = case_of_organisation(tx, self.of.case_id, organisation_id=SENDER.id)
            key = open_case(found, house.rings).key if found else None
            opener = partial(self._open, key)
            write_export(StoredLog(tx), folder, opener=opener, keys=house.log_keys)
        self._raw.invalidate()
        self.store.close()
        return verify_export(folder, house.log_keys, held=self.held)

    def _open(self, key: CaseKey | None, row: DetailRow) -> OpenedDetail | Unopened:
        keys = {key.key_id: key} if key else {}
        for organisation in (SENDER.id, RECIPIENT.id, INSTALLATION):
            opened = open_detail(row, self.of.house.rings.current(organisation), keys)
            if opened != "withheld":
                return opened
        return "withheld"


InDatabase = Callable[[StoredScene], Expected]


def edit_stored_entry(scene: StoredScene) -> Expected:
    """An entry's bytes are altered, and its hash is not."""
    n = scene.place()
    scene.rewrite(n, res="error")
    return expect("edited", at=n)


def move_stored_time(scene: StoredScene) -> Expected:
    """An entry's time is one microsecond later."""
    n = scene.place()
    told = datetime.fromisoformat(json.loads(scene.entry(n))["t"])
    scene.rewrite(n, t=time_text(told + timedelta(microseconds=1)))
    return expect("edited", at=n)


def flip_stored_hash(scene: StoredScene) -> Expected:
    """The hash of an entry is altered, and the entry is not."""
    n = scene.place()
    (digest,) = scene.db.execute("SELECT leaf_hash FROM audit_leaf WHERE n = ?", (n,)).fetchone()
    changed = scene.flipped(digest)
    scene.db.execute("UPDATE audit_leaf SET leaf_hash = ? WHERE n = ?", (changed, n))
    return expect("edited", at=n)


def flip_stored_ciphertext(scene: StoredScene) -> Expected:
    """One bit of what was sealed."""
    n, name, body = _detail(scene)
    scene.db.execute(
        "UPDATE audit_detail SET body = ? WHERE n = ? AND field = ?", (scene.flipped(body), n, name)
    )
    return expect("edited", at=n)


def swap_stored_ciphertexts(scene: StoredScene) -> Expected:
    """Two entries exchange what was sealed of them, key ids and all."""
    return _swapped(scene, "key_id, body")


def swap_stored_key_ids(scene: StoredScene) -> Expected:
    """Two entries exchange the names of the keys that theirs was sealed with."""
    return _swapped(scene, "key_id")


def erase_stored_detail(scene: StoredScene) -> Expected:
    """What was sealed is deleted, and no entry says so."""
    n, name, _ = _detail(scene)
    scene.db.execute("DELETE FROM audit_detail WHERE n = ? AND field = ?", (n, name))
    return expect("erased-without-entry", at=n)


def change_stored_node(scene: StoredScene) -> Expected:
    """A hash above the entries is altered, and they are not."""
    at = scene.chance.choice([one for one in cover(0, scene.size) if one[0]])
    where = "WHERE level = ? AND idx = ?"
    (digest,) = scene.db.execute(f"SELECT hash FROM audit_node {where}", at).fetchone()  # noqa: S608 - no name comes from outside
    scene.db.execute(
        f"UPDATE audit_node SET hash = ? {where}",  # noqa: S608 - no name comes from outside
        (scene.flipped(digest), *at),
    )
    return expect("edited", "forked")


def cut_stored_tail(scene: StoredScene) -> Expected:
    """The last entries are deleted, and the head row says that they never were."""
    first = scene.chance.randrange(1, scene.size)
    for table in ("audit_detail", "audit_leaf"):
        scene.db.execute(f"DELETE FROM {table} WHERE n >= ?", (first,))  # noqa: S608 - no name comes from outside
    scene.size = first
    scene.db.execute("UPDATE audit_head SET n = ?", (first,))
    scene.rebuild()
    return expect("truncated", at=first)


def change_stored_counter(scene: StoredScene) -> Expected:
    """The organisation's counter is altered before the next entry."""
    by = scene.chance.choice((-1, 1, 5))
    scene.db.execute("UPDATE audit_counter SET k = k + ? WHERE scope = ?", (by, f"org:{SENDER.id}"))
    scene.write_entry_and_sign()
    return expect("missing", "reordered")


def put_stored_memory_back(scene: StoredScene) -> Expected:
    """The signer's state file is put back, the log since then rewritten, and signed again."""
    latest = "SELECT note FROM audit_checkpoint ORDER BY n DESC LIMIT 1"
    scene.held = [bytes(scene.db.execute(latest).fetchone()[0])]
    early = scene.of.sealed_early
    scene.rewrite(scene.chance.randrange(early, scene.size), res="error")
    scene.rebuild()
    scene.db.execute("DELETE FROM audit_checkpoint WHERE n > ?", (early,))
    scene.write_entry_and_sign("early.state")
    return expect("forked", at=early)


def put_strangers_checkpoint(scene: StoredScene) -> Expected:
    """The checkpoints are of a log by another name."""
    stranger = SigningKey("elsewhere.example/log", scene.chance.randbytes(32))
    rows = scene.db.execute("SELECT n, root FROM audit_checkpoint").fetchall()
    for n, root in rows:
        note = sign_note(Checkpoint(stranger.name, n, bytes(root)).text(), [stranger])
        scene.db.execute("UPDATE audit_checkpoint SET note = ? WHERE n = ?", (note, n))
    return expect("unsigned-tail", at=0)


IN_DATABASE: tuple[InDatabase, ...] = (
    *(edit_stored_entry, move_stored_time, flip_stored_hash, flip_stored_ciphertext),
    *(swap_stored_ciphertexts, swap_stored_key_ids, erase_stored_detail, change_stored_node),
    *(cut_stored_tail, change_stored_counter, put_stored_memory_back, put_strangers_checkpoint),
)


def _detail(scene: StoredScene) -> tuple[int, str, bytes]:
    rows = scene.db.execute("SELECT n, field, body FROM audit_detail").fetchall()
    n, name, body = scene.chance.choice(rows)
    return n, name, bytes(body)


def _swapped(scene: StoredScene, columns: str) -> Expected:
    """The columns of two entries' same field, where they differ, change places."""
    asked = "SELECT n, field, key_id FROM audit_detail"
    rows = scene.db.execute(asked).fetchall()
    first = scene.chance.choice(rows)
    others = [
        one
        for one in rows
        if one[1] == first[1] and one[0] != first[0] and ("body" in columns or one[2] != first[2])
    ]
    second = scene.chance.choice(others)
    where = "WHERE n = ? AND field = ?"
    values = {
        place: scene.db.execute(f"SELECT {columns} FROM audit_detail {where}", place).fetchone()  # noqa: S608 - no name comes from outside
        for place in (first[:2], second[:2])
    }
    set_to = ", ".join(f"{name} = ?" for name in columns.split(", "))
    for place, other in ((first[:2], second[:2]), (second[:2], first[:2])):
        scene.db.execute(
            f"UPDATE audit_detail SET {set_to} {where}",  # noqa: S608 - no name comes from outside
            (*values[other], *place),
        )
    return expect("edited", at=(first[0], second[0]))
