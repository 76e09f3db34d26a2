"""The campaign: N altered copies of a log and N untouched ones, and what the verifier says."""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from app.bench.tampering.alteration import Expected, InExport, InLog, Scene, Unsuitable
from app.bench.tampering.in_bookkeeping import IN_BOOKKEEPING
from app.bench.tampering.in_database import IN_DATABASE, InDatabase, StoredHouse, StoredScene
from app.bench.tampering.in_details import IN_DETAILS
from app.bench.tampering.in_export import IN_EXPORT
from app.bench.tampering.in_log import IN_LOG
from app.bench.tampering.in_part import IN_PART, write_part
from app.bench.tampering.in_table import IN_TABLE, InTable
from app.bench.tampering.written_log import ORIGIN, WrittenLog, open_row, write_log
from audit.checkpoint import SigningKey
from audit.export import DetailOpener, write_export
from audit.report import Report
from audit.verify import verify_export

SIZES = (2, 3, 12, 40, 130, 256, 300)
IN_ROWS: tuple[InLog, ...] = (*IN_LOG, *IN_DETAILS, *IN_BOOKKEEPING)
Alteration = InLog | InExport | InTable | InDatabase
ALTERATIONS: tuple[Alteration, ...] = (
    *IN_ROWS,
    *IN_EXPORT,
    *IN_PART,
    *IN_TABLE,
    *IN_DATABASE,
)
_STORED_CLEAN = 0.15
"""How often an untouched log is one from a database."""


@dataclass
class Tally:
    """What came of a campaign. `unseen` and `misnamed` tell which, with the seed of each."""

    altered: int = 0
    clean: int = 0
    caught: int = 0
    named: int = 0
    false_alarms: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    unseen: list[str] = field(default_factory=list)
    misnamed: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether everything altered was caught and named, and nothing else was."""
        return self.caught == self.named == self.altered and self.false_alarms == 0


def run_campaign(
    copies: int, *, seed: int, progress: Callable[[int, int], None] | None = None
) -> Tally:
    """Alter `copies` logs, each kind of alteration in turn, and verify as many untouched ones."""
    tally = Tally()
    key = SigningKey(ORIGIN, random.Random(seed).randbytes(32))  # noqa: S311
    logs = [write_log(random.Random(f"{seed}/{size}"), key, size) for size in SIZES]  # noqa: S311
    with TemporaryDirectory(dir=_in_memory()) as name, ExitStack() as opened:
        ground = _Ground(logs, key, Path(name), opened)
        for number in range(copies):
            chance = random.Random(f"{seed}/{number}")  # noqa: S311
            alteration = ALTERATIONS[number % len(ALTERATIONS)]
            _one(tally, alteration, ground, chance, number)
            _clean(tally, ground, chance)
            if progress is not None:
                progress(number + 1, copies)
    return tally


@dataclass
class _Ground:
    """What is altered: logs in memory, and one that the service has written into a database."""

    logs: list[WrittenLog]
    key: SigningKey
    above: Path
    opened: ExitStack
    _stored: StoredHouse | None = None

    @property
    def has_stored(self) -> bool:
        """Whether the database has been written."""
        return self._stored is not None

    @property
    def folder(self) -> Path:
        """Where an export is written."""
        return self.above / "export"

    def stored(self, chance: random.Random) -> StoredScene:
        """A copy of the database; the house is built when first asked for."""
        if self._stored is None:
            (self.above / "stored").mkdir()
            self._stored = self.opened.enter_context(StoredHouse(self.above / "stored"))
        return self._stored.copy(self.above / "copy", chance)


def _one(
    tally: Tally, alteration: Alteration, ground: _Ground, chance: random.Random, number: int
) -> None:
    """One alteration of one log; where the drawn log has nothing to alter, of a larger one."""
    sizes = [chance.choice(ground.logs), *reversed(ground.logs)]
    for log in sizes:
        try:
            expected, report = _altered(alteration, log, ground, chance)
            break
        except (Unsuitable, ValueError, IndexError):
            continue  # nothing of the kind in so small a log
    else:
        raise AssertionError(f"{alteration.__name__} suits no log; this is a defect in the bench")
    what = f"{alteration.__name__} (number {number})"
    tally.altered += 1
    tally.kinds[alteration.__name__] += 1
    if report.verified:
        tally.unseen.append(what)
        return
    tally.caught += 1
    if expected.names(report):
        tally.named += 1
    else:
        tally.misnamed.append(
            f"{what}: {[(item.kind, item.index) for item in report.findings[:3]]}"
        )


def _altered(
    alteration: Alteration, log: WrittenLog, ground: _Ground, chance: random.Random
) -> tuple[Expected, Report]:
    alter: Any = alteration
    if alteration in IN_DATABASE:
        stored = ground.stored(chance)
        expected = alter(stored)
        return expected, stored.verify()
    scene = Scene(log.copy(), ground.key, chance, keys=[ground.key.verifier])
    if alteration in IN_ROWS:
        expected = alter(scene)
        _export(scene.log, ground.key, ground.folder, with_unsigned=scene.with_unsigned)
    elif alteration in IN_TABLE:
        expected = write_part(scene.log, ground.key, ground.folder, chance, untrue=alter)
    elif alteration in IN_PART:
        write_part(scene.log, ground.key, ground.folder, chance)
        expected = alter(ground.folder, chance)
    else:
        _export(scene.log, ground.key, ground.folder)
        expected = alter(ground.folder, chance)
    return expected, verify_export(ground.folder, scene.keys, held=scene.held)


def _clean(tally: Tally, ground: _Ground, chance: random.Random) -> None:
    """An untouched log: whole, a part of it, or from a database."""
    tally.clean += 1
    if chance.random() < _STORED_CLEAN and ground.has_stored:
        tally.false_alarms += not ground.stored(chance).verify().verified
        return
    log, key, folder = chance.choice(ground.logs).copy(), ground.key, ground.folder
    try:
        if chance.random() < 0.5:
            raise Unsuitable
        write_part(log, key, folder, chance)
    except Unsuitable:
        _export(log, key, folder)
    latest = log.latest_checkpoint()
    held = [latest.note] if latest else []
    tally.false_alarms += not verify_export(folder, [key.verifier], held=held).verified


def _export(log: WrittenLog, key: SigningKey, folder: Path, *, with_unsigned: bool = False) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    write_export(
        log,
        folder,
        opener=cast("DetailOpener", open_row),
        keys=[key.verifier],
        with_unsigned=with_unsigned,
    )


def _in_memory() -> str | None:
    """A folder that is flushed without a disk, where the system has one."""
    return "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108


def print_campaign(copies: int, *, seed: int) -> bool:
    """Run and print. True if all was caught and named without a false alarm."""
    tally = run_campaign(copies, seed=seed, progress=_told)
    say = sys.stdout.write
    say(f"seed {seed}: {tally.altered} altered logs in {len(tally.kinds)} ways\n")
    say(f"  caught            {tally.caught} of {tally.altered}\n")
    say(f"  named rightly     {tally.named} of {tally.altered}\n")
    say(f"  false alarms      {tally.false_alarms} of {tally.clean} untouched logs\n")
    for title, listed in (("unseen", tally.unseen), ("misnamed", tally.misnamed)):
        for line in listed:
            say(f"  {title}: {line}\n")
    return tally.holds


def _told(done: int, total: int) -> None:
    if done % 50 == 0 or done == total:
        sys.stderr.write(f"{done} of {total}\n")
