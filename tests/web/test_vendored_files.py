"""What others wrote and we serve or test with is the very file that was vendored."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(
    [*(ROOT / "app/web/static/vendor").iterdir(), *(ROOT / "tests/browser/vendor").iterdir()]
)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_file_is_the_vendored_one_and_no_other_is_there(folder: Path) -> None:
    listed = {
        name: digest
        for digest, name in (
            line.split("  ", 1) for line in (folder / "SHA256SUMS").read_text().splitlines()
        )
    }
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != "SHA256SUMS"
    }
    assert found == listed


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_comes_with_its_licence_and_version(folder: Path) -> None:
    assert (folder / "LICENSE").is_file()
    assert folder.name.rsplit("-", 1)[1].count(".") == 2


def test_no_stylesheet_asks_another_host_for_anything() -> None:
    for sheet in (ROOT / "app/web/static").rglob("*.css"):
        for quote in ('url("http', "url(http", "url('http", "url(//", "@import"):
            assert quote not in sheet.read_text(encoding="utf-8"), sheet


def test_our_own_stylesheet_stays_short() -> None:
    sheet = (ROOT / "app/web/static/sluss.css").read_text(encoding="utf-8")
    assert len(sheet.splitlines()) < 200
