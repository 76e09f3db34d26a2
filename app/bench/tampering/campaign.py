"""The campaign: N altered copies of a log and N untouched ones, and what the verifier says."""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from app.bench.tampering.alteration import Expected, InExport, InLog, Scene, Unsuitable
from app.bench.tampering.in_export import IN_EXPORT
from app.bench.tampering.in_log import IN_LOG
from app.bench.tampering.written_log import ORIGIN, WrittenLog, open_row, write_log
from audit.checkpoint import SigningKey
from audit.export import DetailOpener, write_export
from audit.report import Report
from audit.verify import verify_export

SIZES = (2, 3, 12, 40, 130, 256, 300)
ALTERATIONS: tuple[InLog | InExport, ...] = (*IN_LOG, *IN_EXPORT)


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
    with TemporaryDirectory(dir=_in_memory()) as name:
        for number in range(copies):
            chance = random.Random(f"{seed}/{number}")  # noqa: S311
            alteration = ALTERATIONS[number % len(ALTERATIONS)]
            _one(tally, alteration, logs, key, chance, Path(name) / "export", number)
            _clean(tally, chance.choice(logs), key, Path(name) / "export")
            if progress is not None:
                progress(number + 1, copies)
    return tally


def _one(
    tally: Tally,
    alteration: InLog | InExport,
    logs: list[WrittenLog],
    key: SigningKey,
    chance: random.Random,
    folder: Path,
    number: int,
) -> None:
    """One alteration of one log; where the drawn log has nothing to alter, of a larger one."""
    sizes = [chance.choice(logs), *reversed(logs)]
    for log in sizes:
        try:
            expected, report = _altered(alteration, log, key, chance, folder)
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
    alteration: InLog | InExport,
    log: WrittenLog,
    key: SigningKey,
    chance: random.Random,
    folder: Path,
) -> tuple[Expected, Report]:
    scene = Scene(log.copy(), key, chance, keys=[key.verifier])
    if alteration in IN_LOG:
        expected = alteration(scene)
        _export(scene.log, key, folder, with_unsigned=scene.with_unsigned)
    else:
        _export(scene.log, key, folder)
        expected = cast("InExport", alteration)(folder, chance)
    return expected, verify_export(folder, scene.keys, held=scene.held)


def _clean(tally: Tally, log: WrittenLog, key: SigningKey, folder: Path) -> None:
    _export(log, key, folder)
    tally.clean += 1
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
