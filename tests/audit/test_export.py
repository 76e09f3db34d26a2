"""Exports: the layout, the scopes and their completeness, and what is never written over."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit.checkpoint import SigningKey
from audit.entry import ERASURE_OP, erasure_detail
from audit.errors import ExportError
from audit.export import write_export
from audit.manifest import Manifest, Scope, parse_manifest
from audit.pruning import CASE_GONE_OP, gone_detail
from audit.report import Report
from audit.tiles import all_tiles, needed_tiles, split_bundle, tile_path, tile_width
from audit.verify import verify_export


@pytest.fixture
def export(tmp_path: Path, kit: Any, key: SigningKey) -> Callable[..., Path]:
    def written(log: Any, name: str = "export", **options: Any) -> Path:
        given = {"opener": kit.open, "keys": [key.verifier]} | options
        write_export(log, tmp_path / name, **given)
        return tmp_path / name

    return written


@pytest.fixture
def busy(log: Any, kit: Any, key: SigningKey) -> Any:
    """Three hundred entries of two organisations, a case each and entries on none, sealed twice."""
    for number in range(300):
        org = "org-sunne" if number % 3 else "org-torsby"
        case = None if number % 5 == 0 else f"case-of-{org}-{number % 2}"
        kit.write(log, number, org=org, case=case)
        if number in (149, 299):
            kit.seal(log, key)
    return log


def verify(folder: Path, key: SigningKey) -> Report:
    """Here is tested what the log itself shows; what an entry vouches for is in test_contents."""
    return verify_export(folder, [key.verifier], unvouched=True)


def kinds(report: Report) -> set[tuple[str, int | None]]:
    return {(finding.kind, finding.index) for finding in report.findings}


def resealed(folder: Path, **changes: Any) -> None:
    """Write the manifest anew over what now lies in the folder: a forger who knows the format."""
    old = parse_manifest((folder / "manifest.json").read_bytes())
    parts = {name: getattr(old, name) for name in old.__dataclass_fields__} | changes
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json"]
    parts["files"] = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }
    (folder / "manifest.json").write_bytes(Manifest(**parts).to_bytes())


def drop_entry(folder: Path, n: int) -> None:
    """Leave one entry and its details out of an export of lines, and seal it again."""
    for name in ("entries.jsonl", "details.jsonl"):
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if json.loads(line)["n"] != n]
        (folder / name).write_bytes(b"".join(kept))
    manifest = parse_manifest((folder / "manifest.json").read_bytes())
    resealed(
        folder,
        entries=manifest.entries - 1,
        supporting=tuple(item for item in manifest.supporting if item != n),
    )


def indices(folder: Path) -> list[int]:
    return [json.loads(line)["n"] for line in (folder / "entries.jsonl").read_bytes().splitlines()]


def test_a_whole_export_has_the_files_of_tlog_tiles(busy: Any, export: Any) -> None:
    folder = export(busy)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {
        "README.txt",
        "checkpoint",
        "checkpoints.jsonl",
        "details.jsonl",
        "keys.txt",
        "manifest.json",
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
    }
    assert len((folder / "tile/0/000").read_bytes()) == 8192
    entries = split_bundle((folder / "tile/entries/001.p/44").read_bytes())
    assert entries == [row.entry for row in busy.leaves(256, 300)]


def test_the_tiles_are_those_that_the_specification_counts_for_seventy_thousand() -> None:
    widths = [(tile, tile_width(70_000, tile)) for tile in all_tiles(70_000)]
    assert sum(tile[0] == 0 and width == 256 for tile, width in widths) == 273
    assert ((0, 273), 112) in widths
    assert [item for item in widths if item[0][0] > 0] == [
        ((1, 0), 256),
        ((1, 1), 17),
        ((2, 0), 1),
    ]


def test_a_tile_index_is_written_in_groups_of_three() -> None:
    assert tile_path(0, 1234067, 256) == "tile/0/x001/x234/067"
    assert tile_path("entries", 5, 17) == "tile/entries/005.p/17"
    assert tile_path(1, 0, 1) == "tile/1/000.p/1"


def test_a_proof_needs_few_of_the_tiles() -> None:
    assert needed_tiles(70_000, [12_345], []) == {(0, 48), (0, 273), (1, 0), (1, 1), (2, 0)}


def test_the_same_log_gives_the_same_bytes(busy: Any, export: Any) -> None:
    one, other = export(busy, "one"), export(busy, "other")
    assert (one / "manifest.json").read_bytes() == (other / "manifest.json").read_bytes()


def test_a_whole_export_is_verified(busy: Any, export: Any, key: Any) -> None:
    report = verify(export(busy), key)
    assert report.verified, report.words()
    assert report.counts.entries == 300


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513])
def test_exports_at_the_edges_of_tiles_are_verified(
    size: int, log: Any, export: Any, kit: Any, key: Any
) -> None:
    for number in range(size):
        kit.write(log, number)
        if number % 100 == 7:
            kit.seal(log, key)
    kit.seal(log, key)
    report = verify(export(log), key)
    assert report.verified, report.words()
    assert (report.sealed, report.counts.entries) == (size, size)


def test_an_organisations_export_holds_its_entries_and_no_others(
    busy: Any, export: Any, key: Any
) -> None:
    folder = export(busy, kind="organisation", of="org-torsby")
    assert indices(folder) == list(range(0, 300, 3))
    report = verify(folder, key)
    assert report.verified, report.words()
    assert report.scope == Scope(kind="organisation", of="org-torsby", start=0, stop=298)
    assert b"org-sunne" not in b"".join(
        path.read_bytes() for path in folder.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("n", [0, 3, 150, 294, 297])
def test_an_entry_left_out_of_an_organisations_export_is_seen(
    n: int, busy: Any, export: Any, key: Any
) -> None:
    folder = export(busy, kind="organisation", of="org-torsby")
    drop_entry(folder, n)
    found = verify(folder, key)
    assert {finding.kind for finding in found.findings} == {"missing"}
    assert found.findings[0].index is not None
    assert found.findings[0].index <= n


def test_a_whole_case_left_out_of_an_organisations_export_is_seen(
    busy: Any, export: Any, key: Any
) -> None:
    folder = export(busy, kind="organisation", of="org-torsby")
    for n in range(3, 300, 6):
        if n % 5:
            drop_entry(folder, n)
    assert ("missing", 1) in kinds(verify(folder, key))


def test_an_organisations_export_of_a_period_has_its_neighbours_as_support(
    busy: Any, export: Any, key: Any
) -> None:
    folder = export(busy, kind="organisation", of="org-torsby", start=100, stop=200)
    assert indices(folder) == [99, *range(102, 200, 3), 201]
    details = (folder / "details.jsonl").read_bytes().splitlines()
    assert {json.loads(line).get("why") for line in details if b'"n":99' in line} == {"withheld"}
    report = verify(folder, key)
    assert report.verified, report.words()


@pytest.mark.parametrize("n", [99, 102, 150, 198, 201])
def test_an_entry_left_out_of_a_period_or_beside_it_is_seen(
    n: int, busy: Any, export: Any, key: Any
) -> None:
    folder = export(busy, kind="organisation", of="org-torsby", start=100, stop=200)
    drop_entry(folder, n)
    assert "missing" in {kind for kind, _ in kinds(verify(folder, key))}


def test_a_period_of_the_whole_log_is_verified_and_a_gap_in_it_seen(
    busy: Any, export: Any, key: Any
) -> None:
    folder = export(busy, start=100, stop=200)
    assert verify(folder, key).verified
    drop_entry(folder, 150)
    assert kinds(verify(folder, key)) == {("missing", 150)}


def test_a_case_export_is_verified_up_to_its_own_last_entry(
    busy: Any, export: Any, key: Any
) -> None:
    folder = export(busy, kind="case", of="case-of-org-torsby-1")
    chosen = [n for n in range(300) if n % 3 == 0 and n % 2 == 1 and n % 5]
    assert indices(folder) == chosen
    report = verify(folder, key)
    assert report.verified, report.words()
    assert report.scope.stop == chosen[-1] + 1


def test_every_entry_left_out_of_a_case_export_is_seen(busy: Any, export: Any, key: Any) -> None:
    chosen = indices(export(busy, "all", kind="case", of="case-of-org-torsby-1"))
    for n in chosen[::7] + chosen[-1:]:
        folder = export(busy, f"without-{n}", kind="case", of="case-of-org-torsby-1")
        drop_entry(folder, n)
        assert {kind for kind, _ in kinds(verify(folder, key))} == {"missing"}


def test_a_case_entry_cannot_be_hidden_by_withholding_it(busy: Any, export: Any, key: Any) -> None:
    folder = export(busy, kind="case", of="case-of-org-torsby-1")
    hidden = indices(folder)[3]
    lines = (folder / "details.jsonl").read_bytes().splitlines()
    changed = [
        f'{{"f":"{json.loads(line)["f"]}","n":{hidden},"why":"withheld"}}'.encode()
        if json.loads(line)["n"] == hidden
        else line
        for line in lines
    ]
    (folder / "details.jsonl").write_bytes(b"\n".join(changed) + b"\n")
    resealed(folder, supporting=(hidden,))
    assert "missing" in {kind for kind, _ in kinds(verify(folder, key))}


def test_another_organisations_entry_in_an_export_is_seen(busy: Any, export: Any, key: Any) -> None:
    folder = export(busy, kind="organisation", of="org-torsby")
    manifest = parse_manifest((folder / "manifest.json").read_bytes())
    resealed(folder, scope=Scope(kind="organisation", of="org-sunne", stop=manifest.scope.stop))
    assert ("edited", 0) in kinds(verify(folder, key))


def test_a_case_that_was_never_there_cannot_be_shown_complete(
    busy: Any, export: Any, key: Any
) -> None:
    folder = export(busy, kind="case", of="no-such-case")
    assert kinds(verify(folder, key)) == {("missing", 0)}


def erase(log: Any, kit: Any, *gone: int) -> None:
    for n in gone:
        for name in ("object", "detail"):
            del log.detail_rows[n, name]
    detail = erasure_detail(dict.fromkeys(gone, ("object", "detail")))
    kit.write(log, 400, op=ERASURE_OP, object={}, detail=detail, org="org-torsby", case=None)


def test_a_case_whose_first_entries_were_erased_by_age_says_so_itself(
    busy: Any, export: Any, kit: Any, key: Any
) -> None:
    case = "case-of-org-torsby-1"
    erase(busy, kit, 3, 9, 21)
    told = {"op": CASE_GONE_OP, "object": {}, "detail": gone_detail(3)}
    kit.write(busy, 401, org="org-torsby", case=case, **told)
    kit.seal(busy, key)
    folder = export(busy, kind="case", of=case)
    report = verify(folder, key)
    assert report.verified, report.words()
    assert not {3, 9, 21} & set(indices(folder)), "whose they were, nothing shows any more"
    first = indices(folder)[0]
    drop_entry(folder, first)
    assert kinds(verify(folder, key)) == {("missing", 0)}
    period = export(busy, "period", kind="case", of=case, start=50, stop=200)
    assert verify(period, key).verified
    assert 301 not in indices(period)
    drop_entry(period, indices(period)[0])
    assert ("missing", 0) in kinds(verify(period, key)), "its neighbour before is what shows it"


def test_nothing_is_hidden_behind_what_was_erased_in_another_case(
    busy: Any, export: Any, kit: Any, key: Any
) -> None:
    """Whoever makes the export leaves an entry out, and shows an erased one in its stead."""
    case, erased, hidden = "case-of-org-torsby-1", 36, 33
    erase(busy, kit, erased)
    kit.seal(busy, key)
    folder = export(busy, kind="case", of=case)
    assert verify(folder, key).verified
    whole = export(busy, "whole", kind="organisation", of="org-torsby")
    drop_entry(folder, hidden)
    for name in ("entries.jsonl", "details.jsonl"):
        theirs = (whole / name).read_bytes().splitlines(keepends=True)
        lines = [one for one in theirs if json.loads(one)["n"] in (erased, 300)]
        lines += (folder / name).read_bytes().splitlines(keepends=True)
        (folder / name).write_bytes(b"".join(sorted(lines, key=lambda x: json.loads(x)["n"])))
    for path in (whole / "tile").rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(whole)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    resealed(folder, entries=len(indices(folder)), supporting=(erased, 300))
    assert ("missing", 28) in kinds(verify(folder, key)), verify(folder, key).words()


def test_an_erased_case_entry_that_the_case_says_nothing_of_is_missing_in_its_export(
    busy: Any, export: Any, key: Any
) -> None:
    del busy.detail_rows[33, "object"]
    folder = export(busy, kind="case", of="case-of-org-torsby-1")
    assert kinds(verify(folder, key)) == {("missing", 28)}


def test_supporting_entries_show_only_what_they_are_there_for(
    busy: Any, export: Any, key: Any
) -> None:
    folder = export(busy, kind="case", of="case-of-org-torsby-1", start=100, stop=200)
    supporting = parse_manifest((folder / "manifest.json").read_bytes()).supporting
    shown = {
        (content["n"], content["f"])
        for content in map(json.loads, (folder / "details.jsonl").read_bytes().splitlines())
        if content["n"] in supporting and "d" in content
    }
    assert shown == {(n, "object") for n in supporting}
    assert verify(folder, key).verified


def test_nothing_is_written_over(busy: Any, export: Any) -> None:
    folder = export(busy)
    with pytest.raises(ExportError, match="not empty"):
        export(busy, folder.name)


def test_a_log_that_was_never_sealed_is_not_exported_unless_asked(
    log: Any, export: Any, kit: Any, key: Any
) -> None:
    kit.write(log, 1)
    with pytest.raises(ExportError, match="no checkpoint"):
        export(log, "one")
    report = verify(export(log, "two", with_unsigned=True), key)
    assert kinds(report) == {("unsigned-tail", 0)}


def test_a_scope_beyond_the_seal_is_refused(busy: Any, export: Any) -> None:
    with pytest.raises(ExportError, match="seal first"):
        export(busy, stop=301)


def test_a_full_disk_is_reported_and_leaves_no_manifest(
    busy: Any, export: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: Any
) -> None:
    calls = 0

    def full(_descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ExportError, match="No space left"):
            export(busy)
    report = verify(tmp_path / "export", key)
    assert kinds(report) == {("missing", None)}
    assert "broken off" in report.findings[0].message


def test_every_file_and_folder_is_flushed_and_the_manifest_last(
    busy: Any, export: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    real = os.fsync

    def noting(descriptor: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{descriptor}").resolve())
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", noting)
        folder = export(busy)
    assert set(folder.rglob("*")) | {folder, tmp_path} <= set(flushed)
    assert flushed[-3:] == [folder / "manifest.json", folder, tmp_path]


def test_progress_is_told(busy: Any, export: Any) -> None:
    told: list[tuple[int, int]] = []
    export(busy, progress=lambda done, total: told.append((done, total)))
    assert told == [(256, 300), (300, 300)]


@pytest.mark.parametrize(
    ("kind", "of", "start", "stop"),
    [("whole", "x", 0, 1), ("case", None, 0, 1), ("some", None, 0, 1), ("whole", None, 2, 1)],
)
def test_an_impossible_scope_is_refused(kind: Any, of: Any, start: int, stop: int) -> None:
    with pytest.raises(ValueError, match="scope"):
        Scope(kind=kind, of=of, start=start, stop=stop)


def test_of_a_part_the_last_checkpoint_of_each_day_goes_along_and_what_was_stamped(
    log: Any, kit: Any, key: SigningKey, export: Callable[..., Path]
) -> None:
    days = ["2026-11-23", "2026-11-23", "2026-11-23", "2026-11-24", "2026-11-24"]
    for number, day in enumerate(days, 1):
        kit.write(log, number)
        kit.seal(log, key)
        log.checkpoint_rows[number] = replace(log.checkpoint_rows[number], at=f"{day}T08:00:00Z")

    def sizes(folder: Path) -> list[int]:
        lines = (folder / "checkpoints.jsonl").read_text().splitlines()
        return [json.loads(line)["n"] for line in lines]

    given = {"kind": "organisation", "of": "org-sunne"}
    assert sizes(export(log, "whole")) == [1, 2, 3, 4, 5]
    part = export(log, "part", **given)
    assert sizes(part) == [3, 5]
    assert verify(part, key).verified
    stamped = export(log, "stamped", **given, stamps={2: b"token"})
    assert sizes(stamped) == [2, 3, 5]
    assert (stamped / "timestamps" / "2.tsr").read_bytes() == b"token"
