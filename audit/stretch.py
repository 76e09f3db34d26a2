"""Following a whole log in several processes, one stretch of it in each.

A stretch that is sound in itself is handed back as what it has seen, and joined to what came before
it. At the first thing that is wrong, or does not join, all of it is thrown away, and one process
follows the log from the beginning: what is named is then named in one way only.
"""

from __future__ import annotations

import multiprocessing
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from audit.errors import TreeError
from audit.exported import DetailLines, ExportFolder, parse_details
from audit.manifest import DETAILS, Scope
from audit.merkle import HASH_BYTES
from audit.pruning import PRUNED
from audit.report import Findings
from audit.tiles import WIDTH, TileTree, split_bundle, split_tile, tile_path
from audit.trail import Trail

STRETCH = 16 * WIDTH  # entries
LEAST = 4 * STRETCH  # entries; below that, starting processes takes longer than it saves
_PLACE = re.compile(rb'"f":"[a-z]+","n":([0-9]{1,15}),')

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Stretch:
    """What one process needs to know: indices, and which bytes of the details are theirs."""

    folder: Path
    size: int
    start: int
    stop: int
    details_from: int
    details_to: int
    minimum: int = 0


def follow_in_parallel(
    export: ExportFolder, tree: TileTree, processes: int, progress: Progress
) -> Trail | None:
    """The trail of a whole log, followed by that many processes; None if anything is wrong."""
    manifest, size = export.manifest, export.manifest.size
    trail = Trail(manifest.scope, tree, export.findings)
    try:
        stretches = list(_divide(export.folder, size, manifest.minimum))
    except (OSError, ValueError):
        return None
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        for stretch, part in zip(stretches, pool.map(follow, stretches), strict=True):
            if part is None or not trail.absorb(part, stretch.start, stretch.stop):
                pool.shutdown(cancel_futures=True)
                return None
            progress("entries", stretch.stop, size)
    return trail


def follow(stretch: Stretch) -> Trail | None:
    """One stretch, in a process of its own; None at the first thing that is wrong."""
    scope = Scope(kind="whole", start=0, stop=stretch.size)
    findings = Findings()
    trail = Trail(scope, TileTree(stretch.size), findings, partial=True)
    trail.begin_at(stretch.start)
    try:
        with (stretch.folder / DETAILS).open("rb") as file:
            file.seek(stretch.details_from)
            lines = file.read(stretch.details_to - stretch.details_from).splitlines(keepends=True)
        details = DetailLines(parse_details(lines, findings))
        for index in range(stretch.start // WIDTH, -(-stretch.stop // WIDTH)):
            width = min(WIDTH, stretch.size - index * WIDTH)
            tile = (stretch.folder / tile_path(0, index, width)).read_bytes()
            bundle = stretch.folder / tile_path("entries", index, width)
            entries = split_bundle(
                b"\0\0" * width if _all_pruned(stretch, bundle, index) else bundle.read_bytes()
            )
            if len(tile) != width * HASH_BYTES or len(entries) != width:
                return None
            trail.tree.tiles = {(0, index): split_tile(tile)}
            for offset, data in enumerate(entries):
                if data != PRUNED:
                    trail.take(data, "", index * WIDTH + offset, details)
        trail.surplus(details, None)
    except (OSError, TreeError):
        return None
    if findings:
        return None
    trail.tree.tiles = {}
    return trail


def _all_pruned(stretch: Stretch, bundle: Path, index: int) -> bool:
    """Whether a bundle may be left out, and is."""
    return (index + 1) * WIDTH <= stretch.minimum and not bundle.exists()


def _divide(folder: Path, size: int, minimum: int = 0) -> Iterator[Stretch]:
    """Stretches of equal length, and where each one's details begin: they stand in order of n."""
    path = folder / DETAILS
    end = path.stat().st_size
    bounds = [0]
    with path.open("rb") as file:
        for start in range(STRETCH, size, STRETCH):
            bounds.append(_first_line_of(file, start, bounds[-1], end))
    bounds.append(end)
    for number, start in enumerate(range(0, size, STRETCH)):
        stop = min(start + STRETCH, size)
        yield Stretch(folder, size, start, stop, bounds[number], bounds[number + 1], minimum)


def _first_line_of(file: BinaryIO, n: int, low: int, high: int) -> int:
    """The place of the first line, from the line at `low` on, that is of entry `n` or later."""
    while low < high:
        middle = (low + high) // 2
        file.seek(middle)
        if middle > low:
            file.readline()
        at = file.tell()
        if at >= high:  # within the one line that begins at `low`
            at = low
            file.seek(low)
        line = file.readline()
        if _index_in(line) < n:
            low = at + len(line)
        elif at == low:
            return low
        else:
            high = at
    return low


def _index_in(line: bytes) -> int:
    found = _PLACE.findall(line)
    if not found:
        raise ValueError("a line of details without an index")
    return int(found[-1])
