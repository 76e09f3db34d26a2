"""The offline verifier: from an export and a public key to what, if anything, is wrong.

It trusts the keys it is given and nothing in the export. In order: every file against the manifest;
every entry against the tree, its own index, and its commitments; counters and erasures; the tiles
against each other; the tree against every checkpoint. Source: docs/formats/export.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, islice
from pathlib import Path

from audit.checkpoint import Checkpoint, NoteKey, OpenedNote, split_note
from audit.contents import Vouched, check_contents
from audit.cosignature import CosignerKey
from audit.errors import NoteError, TreeError, UnknownSigner
from audit.exported import ExportFolder
from audit.held_tables import HeldTables
from audit.key_list import KnownKey, known, open_signed
from audit.manifest import CHECKPOINT, CHECKPOINTS, DETAILS, ENTRIES, KEYS, Scope
from audit.named_files import check_keys
from audit.pruning import PRUNED
from audit.report import Counts, Findings, Report
from audit.stretch import LEAST, follow_in_parallel
from audit.tiles import WIDTH, TileTree, all_tiles, first_entry, split_bundle, tile_path
from audit.timestamps import check_timestamps
from audit.trail import Trail

Progress = Callable[[str, int, int], None]  # (what is done, so far, in all)


@dataclass
class Signers:
    """Who else has signed, and which checkpoints nobody known has. They are told, and not used,
    because others may add lines of their own to a note (C2SP signed-note)."""

    others: set[str] = field(default_factory=set)
    unknown: set[bytes] = field(default_factory=set)

    def note(self, note: bytes, keys: Sequence[KnownKey]) -> None:
        """The lines of one checkpoint that are by nobody known."""
        try:
            lines = split_note(note)[1] if note else ()
        except NoteError:
            return  # it is no note at all, which is a finding
        given = {(item.key.name, item.key.id) for item in keys}
        ids = {(line.name, line.key_id) for line in lines} - given
        self.others |= {f"{name}+{key_id.hex()}" for name, key_id in ids}


def _silent(_what: str, _done: int, _total: int) -> None:
    """Tell no one."""


def verify_export(
    folder: Path,
    keys: Iterable[NoteKey | KnownKey],
    *,
    held: Iterable[bytes] = (),
    witnesses: Sequence[CosignerKey] = (),
    quorum: int = 0,
    progress: Progress = _silent,
    processes: int = 1,
    unvouched: bool = False,
) -> Report:
    """Check an export. `held` are checkpoint notes that were kept outside it.

    All of it must be covered by a checkpoint that `quorum` of the `witnesses` have signed. A large
    log is followed by `processes` at once; what is found does not depend on how many. An entry of
    the log must say what the export was made to hold, unless it is the whole log with nothing
    withheld; `unvouched` does without, for a copy that whoever keeps the log has made.
    Raises CannotRead where the folder is no export at all; all else is in the report.
    """
    findings = Findings()
    given = [*known(keys), *known(witnesses)]
    export = ExportFolder.open(folder, findings)
    if export.unreadable:
        return _nothing_more(export, findings)
    export.check_files(progress)
    tree = _read_tiles(export, findings)
    trail, count = _follow(export, tree, processes, progress)
    _check_tiles(export, tree, findings)
    tables = trail.tables.finish(pruned=trail.pruned)
    vouched = _vouched(export, trail, findings, unvouched=unvouched)
    signers = Signers()
    trusted = _checkpoints(export, given, held, signers, findings, progress)
    sealed = _check_checkpoints(tree, list(trusted), findings)
    witnessed = _check_witnesses(trusted, {key.name for key in witnesses}, quorum, sealed, findings)
    strangers = check_keys(export.lines(KEYS), tree.size, known(keys), [*trusted], findings)
    _check_root(export, tree, findings)
    findings.settle()
    return replace(
        _report(export, trail, vouched, findings, stamped=check_timestamps(export, trusted)),
        origin=next((item.origin for item in trusted), None),
        sealed=sealed,
        witnessed=witnessed,
        counts=_counts(trail, count, len(trusted)),
        tables=tables,
        remarks=tuple(trail.tables.remarks.found),
        strangers=strangers,
        others=tuple(sorted(signers.others)),
        unknown=len(signers.unknown),
    )


def _report(
    export: ExportFolder, trail: Trail, vouched: Vouched | None, findings: Findings, *, stamped: int
) -> Report:
    """What is said before the signatures are."""
    return Report(
        origin=None,
        size=export.manifest.size,
        sealed=0,
        stamped=stamped,
        scope=export.manifest.scope,
        counts=Counts(),
        first=trail.first,
        last=trail.last,
        findings=tuple(findings.listed),
        left_out=findings.left_out,
        contents=vouched.files if vouched else 0,
        order=vouched.order if vouched else None,
        vouching=vouched.entry if vouched else None,
        minimum=trail.prunings.below,
        pruned_by=trail.prunings.by,
    )


def _vouched(
    export: ExportFolder, trail: Trail, findings: Findings, *, unvouched: bool
) -> Vouched | None:
    """What the log says that the export was made to hold, and whether it holds just that."""
    required = not (unvouched or _hides_nothing(export, trail))
    vouched = check_contents(export, trail, findings, required=required)
    telling = {vouched.entry} if vouched else trail.told.keys()
    trail.support.check(export.manifest, telling, findings)
    return vouched


def _whole(export: ExportFolder) -> bool:
    manifest = export.manifest
    return manifest.scope == Scope(kind="whole", start=0, stop=manifest.size)


def _hides_nothing(export: ExportFolder, trail: Trail) -> bool:
    """The whole log, every detail of it shown or erased: nothing can have been hidden in it."""
    return _whole(export) and not trail.withheld and not trail.not_needed


def _counts(trail: Trail, entries: int, checkpoints: int) -> Counts:
    return Counts(
        entries=entries,
        checkpoints=checkpoints,
        opened=trail.opened,
        withheld=trail.withheld,
        erased=trail.erased,
        pruned=trail.pruned,
    )


def _follow(
    export: ExportFolder, tree: TileTree, processes: int, progress: Progress
) -> tuple[Trail, int]:
    """Every entry followed to the end, and how many there were."""
    trail, count = _followed(export, tree, processes, progress)
    trail.without_details = not (export.folder / DETAILS).is_file()
    trail.finish(export.manifest, count)
    return trail, count


def _followed(
    export: ExportFolder, tree: TileTree, processes: int, progress: Progress
) -> tuple[Trail, int]:
    manifest, findings = export.manifest, export.findings
    whole = _whole(export)
    large = manifest.layout == "bundles" and whole and manifest.size >= LEAST
    if large and processes > 1 and not findings:
        trail = follow_in_parallel(export, tree, processes, progress)
        if trail is not None:
            return trail, trail.taken
    supporting = frozenset(manifest.supporting)
    tables = HeldTables() if whole else HeldTables.open(export, findings)
    trail = Trail(manifest.scope, tree, findings, supporting, in_parts=not whole, tables=tables)
    return trail, _read_entries(export, trail, findings, progress)


def _nothing_more(export: ExportFolder, findings: Findings) -> Report:
    """Without a manifest there is nothing to hold the rest against."""
    return Report(
        origin=None,
        size=0,
        sealed=0,
        scope=export.manifest.scope,
        counts=Counts(),
        first=None,
        last=None,
        findings=tuple(findings.listed),
        left_out=0,
    )


def _read_tiles(export: ExportFolder, findings: Findings) -> TileTree:
    tree = TileTree(export.manifest.size)
    for tile, path in export.tiles():
        data = export.read(path)
        if data is not None and not tree.add(tile, data):
            findings.add("edited", first_entry(tile), path, "the tile has the wrong length")
    return tree


def _read_entries(
    export: ExportFolder, trail: Trail, findings: Findings, progress: Progress
) -> int:
    """Hand every entry with its details to the trail, in the order in which they are written."""
    details = export.details()
    total, count = export.manifest.entries, 0
    bundles = export.manifest.layout == "bundles"
    for start, where, entries in _batches(export, findings):
        for offset, data in enumerate(entries):
            if bundles and data == PRUNED:
                continue
            trail.take(data, where, start + offset if bundles else None, details)
            count += 1
        if bundles:
            trail.surplus(details, start + WIDTH)
        progress("entries", count, total)
    trail.surplus(details, None)
    return count


def _batches(
    export: ExportFolder, findings: Findings
) -> Iterator[tuple[int, str, Sequence[bytes]]]:
    if export.manifest.layout == "lines":
        for line in export.lines(ENTRIES):
            yield 0, ENTRIES, [line]
        return
    size = export.manifest.size
    for index in range(min(-(-size // WIDTH), len(export.manifest.files))):
        path = tile_path("entries", index, min(WIDTH, size - index * WIDTH))
        data = export.read(path)
        entries: Sequence[bytes] = []
        if data is None and (index + 1) * WIDTH <= export.manifest.minimum:
            continue  # all of it is said to be pruned; the trail asks the log whether it was
        if data is None:
            findings.add("missing", index * WIDTH, path, "the entry bundle is missing")
        else:
            try:
                entries = split_bundle(data)
            except TreeError as error:
                findings.add("edited", index * WIDTH, path, str(error))
        yield index * WIDTH, path, entries


def _check_root(export: ExportFolder, tree: TileTree, findings: Findings) -> None:
    root = tree.root(tree.size)
    if not findings and (root is None or root.hex() != export.manifest.root):
        findings.add("edited", None, "tile", "the tiles do not make the root in the manifest")


def _check_tiles(export: ExportFolder, tree: TileTree, findings: Findings) -> None:
    if export.manifest.layout == "bundles":
        for tile in islice(all_tiles(tree.size), 2 * len(export.manifest.files)):
            if tile not in tree.tiles:
                path = export.tile_path(tile)
                findings.add("missing", first_entry(tile), path, "the hash tile is missing")
    for tile in tree.contradictions():
        start, stop = first_entry(tile), first_entry((tile[0], tile[1] + 1))
        if not findings.within(start, stop):
            findings.add(
                "edited",
                start,
                export.tile_path(tile),
                f"the hashes of entries {start} to {stop - 1} do not make the hash above them",
            )


def _checkpoints(
    export: ExportFolder,
    keys: Sequence[KnownKey],
    held: Iterable[bytes],
    signers: Signers,
    findings: Findings,
    progress: Progress,
) -> dict[Checkpoint, set[str]]:
    """The checkpoints that a given key has signed, smallest first, and who has signed each.

    False ones are findings.
    """
    trusted: dict[Checkpoint, set[str]] = {}
    notes = [(CHECKPOINT, export.read(CHECKPOINT) or b"")]
    notes += [("held outside", note) for note in held]
    total = len(notes)
    for done, (where, note) in enumerate(_chain(notes, export.checkpoint_notes())):
        signers.note(note, keys)
        opened = _trusted(where, note, keys, signers, findings)
        if opened is not None:
            trusted.setdefault(opened[0], set()).update(key.name for key in opened[1].signed_by)
        progress("checkpoints", done, max(done, total))
    return dict(sorted(trusted.items(), key=lambda item: item[0].size))


def _chain(notes: list[tuple[str, bytes]], later: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    yield from notes
    yield from ((CHECKPOINTS, note) for note in later)


def _trusted(
    where: str, note: bytes, keys: Sequence[KnownKey], signers: Signers, findings: Findings
) -> tuple[Checkpoint, OpenedNote] | None:
    if not note:
        return None  # an export of a log that was never sealed; its tail is reported as unsigned
    try:
        return open_signed(note, keys)
    except UnknownSigner:
        # Another key's checkpoint proves nothing, and accuses no one.
        signers.unknown.add(hashlib.sha256(note).digest())
        return None
    except NoteError as error:
        findings.add("edited", None, where, f"a checkpoint is false: {error}")
        return None


def _check_witnesses(
    trusted: Mapping[Checkpoint, set[str]],
    witnesses: set[str],
    quorum: int,
    sealed: int,
    findings: Findings,
) -> int:
    """The size of the largest checkpoint, of those that the tree meets, with a quorum."""
    if not quorum:
        return 0
    enough = [
        checkpoint.size
        for checkpoint, names in trusted.items()
        if checkpoint.size <= sealed and len(names & witnesses) >= quorum
    ]
    witnessed = max(enough, default=0)
    if witnessed < sealed:
        message = f"no checkpoint signed by {quorum} of the witnesses covers these and later ones"
        findings.add("unsigned-tail", witnessed, CHECKPOINTS, message)
    return witnessed


def _check_checkpoints(tree: TileTree, trusted: Sequence[Checkpoint], findings: Findings) -> int:
    """Every checkpoint against the tree. Returns the size of the largest that the tree meets."""
    good, bad = 0, False
    for size, group in groupby(trusted, key=lambda item: item.size):
        roots = {checkpoint.root for checkpoint in group}
        if size > tree.size:
            bad = True
            message = (
                f"a signed checkpoint covers {size} entries, but the log ends after {tree.size}; "
                "it was cut, or the export was made before that checkpoint"
            )
            findings.add("truncated", tree.size, CHECKPOINTS, message)
            if len(roots) > 1:
                message = f"two different logs of {size} entries were signed"
                findings.add("forked", good, CHECKPOINTS, message)
        elif roots == {tree.root(size)}:
            good = good if bad else size
        elif not bad:
            bad = True
            if not findings.within(good, size):
                message = (
                    f"something from entry {good} up to entry {size - 1} is not what was signed "
                    f"at {size} entries; the log was rewritten there"
                )
                findings.add("forked", good, CHECKPOINTS, message)
    if good < tree.size and not bad:
        findings.add(
            "unsigned-tail",
            good,
            CHECKPOINTS,
            f"no checkpoint by a given key covers the entries from {good} on",
        )
    return good
