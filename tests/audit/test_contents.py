"""What goes with a log is bound to it: no table can be changed, added, hidden or moved."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit import __main__ as command
from audit.canonical import canonical
from audit.checkpoint import SigningKey
from audit.contents import make_contents
from audit.errors import CannotRead, ExportError
from audit.export import Beside, write_export
from audit.manifest import Scope, parse_manifest
from audit.report import Order, Report
from audit.verify import verify_export
from audit.zipped import as_folder

FILES = {"contents/table.csv": b"n,act\n1,read\n", "contents/report.pdf": b"%PDF"}
ORDER = Order(export="export-1", recipient="Revisorn", purpose="Granskning")
SCOPES = [("organisation", "org-sunne"), ("case", "case-1")]


@pytest.fixture
def export(log: Any, kit: Any, key: SigningKey, tmp_path: Path) -> Callable[..., Path]:
    """Forty entries, of which those from 5 up to 30 are exported, with a table and a report."""

    def written(kind: str = "organisation", of: str = "org-sunne", told: str = "") -> Path:
        for number in range(40):
            kit.write(
                log,
                number,
                org="org-torsby" if number % 4 == 0 else "org-sunne",
                case=None if number % 4 == 0 else "case-1",
            )
        return kit.write_vouched(
            log,
            key,
            tmp_path / "made",
            scope=Scope(kind=kind, of=of, start=5, stop=30),
            number=40,
            files=FILES,
            told=told,
            case="case-1",
        )

    return written


def verify(folder: Path, key: SigningKey) -> Report:
    return verify_export(folder, [key.verifier])


@pytest.mark.parametrize(("kind", "of"), SCOPES)
def test_tables_and_report_are_vouched_for_by_an_entry(
    export: Callable[..., Path], key: SigningKey, kind: str, of: str
) -> None:
    report = verify(export(kind, of), key)
    assert report.verified, report.words()
    assert (report.scope.start, report.scope.stop) == (5, 30)
    assert report.order == ORDER
    assert (report.vouching, report.contents) == (40, 3)


def _change(folder: Path) -> None:
    (folder / "contents/table.csv").write_bytes(b"n,act\n")


def _add(folder: Path) -> None:
    (folder / "contents/more.csv").write_bytes(b"n\n")


def _remove(folder: Path) -> None:
    (folder / "contents/report.pdf").unlink()


def _remove_all(folder: Path) -> None:
    shutil.rmtree(folder / "contents")
    (folder / "contents.json").unlink()


def _relist(folder: Path) -> None:
    _change(folder)
    content = json.loads((folder / "contents.json").read_bytes())
    digest = hashlib.sha256((folder / "contents/table.csv").read_bytes()).hexdigest()
    content["files"]["contents/table.csv"] = digest
    (folder / "contents.json").write_bytes(canonical(content, limit=10_000))


@pytest.mark.parametrize("attack", [_change, _add, _remove, _remove_all, _relist])
def test_what_was_changed_is_named_also_under_a_new_manifest(
    export: Callable[..., Path], key: SigningKey, kit: Any, attack: Callable[[Path], None]
) -> None:
    folder = export()
    attack(folder)
    assert not verify(folder, key).verified
    kit.forge(folder)
    report = verify(folder, key)
    assert not report.verified
    assert all(finding.where.startswith("contents") for finding in report.findings)


def test_a_scope_made_smaller_afterwards_is_seen(
    export: Callable[..., Path], key: SigningKey, kit: Any
) -> None:
    folder = export()
    old = parse_manifest((folder / "manifest.json").read_bytes())
    scope = Scope(kind="organisation", of="org-sunne", start=5, stop=29)
    kit.forge(folder, scope=scope, supporting=(29, *old.supporting))
    wrong = {one.where for one in verify(folder, key).findings}
    assert wrong >= {"contents.json", "contents/shown.txt"}


def test_contents_that_no_entry_tells_of_are_not_believed(
    export: Callable[..., Path], key: SigningKey
) -> None:
    report = verify(export(told="0" * 64), key)
    wrong = {(one.kind, one.index, one.where) for one in report.findings}
    assert ("edited", None, "contents.json") in wrong
    assert (report.order, report.vouching, report.contents) == (None, None, 0)


def test_contents_do_not_go_with_a_whole_log(
    log: Any, kit: Any, key: SigningKey, tmp_path: Path
) -> None:
    kit.write(log, 0)
    kit.seal(log, key)
    beside = Beside(contents=b"{}", files={}, entry=0)
    with pytest.raises(ExportError, match="part of the log"):
        write_export(log, tmp_path / "x", opener=kit.open, keys=[key.verifier], beside=beside)


def test_a_path_that_leads_elsewhere_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot stand beside a log"):
        make_contents({"contents/../manifest.json": "0"}, Scope(kind="whole", stop=0), ORDER)


def test_contents_that_do_not_say_what_is_shown_are_refused() -> None:
    with pytest.raises(ValueError, match="which details it shows"):
        make_contents({"contents/table.csv": "0"}, Scope(kind="whole", stop=0), ORDER)


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return target


def test_the_command_reads_the_zip_as_it_is(
    export: Callable[..., Path], key: SigningKey, tmp_path: Path, capsys: Any
) -> None:
    whole = zipped(export(), tmp_path / "export.zip")
    assert command.main(["verify", str(whole), "--key", key.verifier.text()]) == 0
    assert capsys.readouterr().out.startswith("VERIFIED")


@pytest.mark.parametrize("name", ["../out", "/out", "a/../../out", "a\\..\\out"])
def test_a_zip_with_a_name_that_leads_out_is_not_unpacked(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(CannotRead, match="never does"), as_folder(tmp_path / "evil.zip"):
        pass


def test_a_damaged_zip_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "broken.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", b"x" * 1000)
    data = bytearray(path.read_bytes())
    data[60:70] = bytes(10)
    path.write_bytes(data)
    with pytest.raises(CannotRead, match="damaged zip"), as_folder(path):
        pass
