"""A fault is told where it is and nowhere else: what follows from it is no fault of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import policies
from policies import PackError
from policies.errors import Problem

Tables = dict[str, dict[str, Any]]
WritePack = Callable[[Path, Tables], Path]
FILES = ("vocabulary", "secrecy", "parameters", "sources", "roles", "rules/duties")


def faults(folder: Path) -> list[Problem]:
    with pytest.raises(PackError) as caught:
        policies.load(folder)
    return caught.value.problems


@pytest.fixture
def pack(tmp_path: Path, tables: Tables, write_pack: WritePack) -> Path:
    """The small pack, in which a strike of one file names a duty of the other."""
    strike = next(r for r in tables["rules/duties.toml"]["rule"] if r["id"] == "H-4")
    tables["rules/duties.toml"]["rule"].remove(strike)
    tables["rules/permissions.toml"]["rule"].append({**strike, "strikes": ["D-5"]})
    return write_pack(tmp_path, tables)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_is_the_only_fault(pack: Path, name: str) -> None:
    file = pack / f"{name}.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n[[x\n", encoding="utf-8")
    (fault,) = faults(pack)
    assert fault.file == f"{name}.toml"
    assert fault.message.startswith("is not valid TOML")


@pytest.mark.parametrize("name", [name for name in FILES if name != "rules/duties"])
def test_a_file_that_is_missing_is_the_only_fault(pack: Path, name: str) -> None:
    (pack / f"{name}.toml").unlink()
    (fault,) = faults(pack)
    assert (fault.file, fault.message) == (f"{name}.toml", "the file is missing")


def test_a_file_that_is_there_and_cannot_be_opened_is_not_called_missing(pack: Path) -> None:
    (pack / "secrecy.toml").unlink()
    (pack / "secrecy.toml").symlink_to(pack / "gone")
    (fault,) = faults(pack)
    assert fault.message.startswith("cannot be read")


@pytest.mark.parametrize(
    ("file", "table", "name", "key"),
    [
        ("vocabulary", "kind", "SOC", "authority"),
        ("vocabulary", "category", "K11", "holders"),
        ("vocabulary", "purpose", "care", "sv"),
        ("vocabulary", "contact_kind", "phone", "sv"),
        ("vocabulary", "actor", "guardian", "sv"),
        ("vocabulary", "caution", "LEAP", "sv"),
        ("vocabulary", "caution", "U1", "sv"),
        ("vocabulary", "condition", "risk", "source"),
        ("vocabulary", "condition", "subject_ok", "source"),
        ("secrecy", "set", "SOCIAL", "members"),
        ("secrecy", "set", "MUNICIPAL", "members"),
        ("secrecy", "secrecy", "OSL 26:1", "holders"),
        ("parameters", "parameter", "age_limit", "value"),
        ("parameters", "parameter", "crime_months_10_23_attempt", "unit"),
        ("sources", "source", "OSL", "sfs"),
        ("roles", "act", "decide", "sv"),
        ("roles", "role", "principal", "acts"),
        ("rules/permissions", "rule", "P-18a", "effect"),
    ],
)
def test_a_row_that_cannot_be_read_still_goes_by_its_name(
    tmp_path: Path,
    tables: Tables,
    write_pack: WritePack,
    file: str,
    table: str,
    name: str,
    key: str,
) -> None:
    rows = tables[f"{file}.toml"][table]
    row = next(r for r in rows if name in (r.get(k) for k in ("id", "code", "name", "act", "rule")))
    del row[key]
    found = faults(write_pack(tmp_path, tables))
    assert {(one.file, one.message.rpartition(": ")[2]) for one in found} == {
        (f"{file}.toml", f"missing key {key!r}")
    }


def test_what_else_is_wrong_is_told_beside_it(
    tmp_path: Path, tables: Tables, write_pack: WritePack
) -> None:
    """A row that is read in part speaks for its own name and for no other."""
    conditions = tables["vocabulary.toml"]["condition"]
    del next(row for row in conditions if row["name"] == "risk")["source"]
    rules = tables["rules/permissions.toml"]["rule"]
    next(row for row in rules if row["id"] == "P-18a")["all"] += ["emergency"]
    next(row for row in rules if row["id"] == "P-27")["cautions"] = ["U99"]
    folder = write_pack(tmp_path, tables)
    (folder / "roles.toml").unlink()
    assert sorted(fault.message for fault in faults(folder)) == [
        "condition risk, source: missing key 'source'",
        "rule P-18a, all: unknown condition 'emergency'",
        "rule P-27, cautions: unknown caution 'U99'",
        "the file is missing",
    ]


def test_a_row_without_a_name_may_go_by_any(
    tmp_path: Path, tables: Tables, write_pack: WritePack
) -> None:
    del tables["vocabulary.toml"]["purpose"][0]["code"]
    (fault,) = faults(write_pack(tmp_path, tables))
    assert fault.message.endswith("missing key 'code'")


def test_a_table_of_the_wrong_shape_is_the_only_fault(pack: Path) -> None:
    (pack / "roles.toml").write_text('act = "decide"\nrole = 1\n', encoding="utf-8")
    assert sorted(fault.message for fault in faults(pack)) == [
        "act must be written as [[act]]",
        "role must be written as [[role]]",
    ]
