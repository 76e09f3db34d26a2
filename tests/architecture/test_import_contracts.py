"""The arrows of the house hold, and each contract that guards them is able to break."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "audit", "policies")

# Contract -> modules to plant, each with the import that breaks that contract and no other.
PLANTS: dict[str, list[tuple[str, str]]] = {
    "layers": [
        ("app/flows/planted.py", "import app.main"),
        ("app/identity/planted.py", "import app.web"),
        ("app/records/planted.py", "import app.flows"),
        ("app/signals/planted.py", "import app.records"),
        ("app/fact_finding_planted.py", ""),
    ],
    "siblings": [
        ("app/records/planted.py", "import app.keys"),
        ("app/keys/planted.py", "import app.identity"),
        ("app/identity/planted.py", "import app.records"),
    ],
    "policies": [
        ("policies/planted.py", "import audit"),
        ("policies/planted.py", "import app"),
        ("policies/planted.py", "import yaml"),
    ],
    "audit": [
        ("audit/planted.py", "import app"),
        ("audit/planted.py", "import msgspec"),
    ],
    "domain": [("app/domain/planted.py", "import structlog")],
    "law_askers": [("app/keys/planted.py", "import policies")],
    "log_writers": [("app/identity/planted.py", "import audit")],
    "sql": [
        ("app/flows/planted.py", "import sqlalchemy"),
        ("app/web/planted.py", "def late() -> None:\n    import sqlite3"),
    ],
    "http": [("app/flows/planted.py", "from flask import request")],
    "cryptography": [("app/web/planted.py", "import cryptography.fernet")],
    "passwords": [("app/web/planted.py", "import argon2")],
}

# What two contracts forbid breaks both.
ALSO_BROKEN = {("policies/planted.py", "import audit"): {"log_writers"}}


def contract_names() -> dict[str, str]:
    """Contract id -> its name, as `.importlinter` gives them."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    marker = "importlinter:contract:"
    return {
        section.removeprefix(marker): parser[section]["name"]
        for section in parser.sections()
        if section.startswith(marker)
    }


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    # The working folder must come first on the path, or the installed tree would be judged
    # instead of the copy; every plant below would then fail to break anything.
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.path.insert(0, ''); from importlinter.cli import lint_imports_command;"
            " lint_imports_command()",
            "--no-logo",
            "--cache-dir",
            str(folder / ".cache"),
        ],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def broken(result: subprocess.CompletedProcess[str]) -> set[str]:
    lines = result.stdout.splitlines()
    return {contract for contract, name in contract_names().items() if f"{name} BROKEN" in lines}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the three packages and of the contracts, to plant things in."""
    folder = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package,
            folder / package,
            ignore=lambda _folder, names: [
                name for name in names if "." in name and not name.endswith(".py")
            ],
        )
    (folder / "tests" / "architecture").mkdir(parents=True)
    shutil.copy(
        Path(__file__).with_name("import_contracts.py"),
        folder / "tests" / "architecture" / "import_contracts.py",
    )
    shutil.copy(ROOT / ".importlinter", folder / ".importlinter")
    return folder


@pytest.fixture(scope="module")
def untouched(house: Path) -> subprocess.CompletedProcess[str]:
    """What is said about the tree as it is, before anything is planted."""
    return lint(house)


def test_every_contract_is_kept_by_the_tree(untouched: subprocess.CompletedProcess[str]) -> None:
    result = untouched
    assert result.returncode == 0, result.stdout + result.stderr
    assert all(f"{name} KEPT" in result.stdout for name in contract_names().values())


def test_every_contract_has_a_planted_violation() -> None:
    assert set(PLANTS) == set(contract_names())


@pytest.mark.parametrize(
    ("contract", "place", "code"),
    [(contract, place, code) for contract, plants in PLANTS.items() for place, code in plants],
)
def test_a_planted_import_breaks_its_contract_and_no_other(
    house: Path,
    untouched: subprocess.CompletedProcess[str],
    contract: str,
    place: str,
    code: str,
) -> None:
    planted = house / place
    planted.write_text(f'"""Planted."""\n\n{code}\n', encoding="utf-8")
    try:
        result = lint(house)
    finally:
        planted.unlink()
    assert result.returncode == 1, result.stdout + result.stderr
    # Without what the tree itself breaks, which the test above tells, and tells once.
    expected = {contract} | ALSO_BROKEN.get((place, code), set())
    assert broken(result) - broken(untouched) == expected
