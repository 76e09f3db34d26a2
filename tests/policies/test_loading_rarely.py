"""The faults that few packs have: each is still named whole, with its file and its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import policies
from policies import PackError
from tests.policies.test_loading import condition, secrecy

Tables = dict[str, dict[str, Any]]
WritePack = Callable[[Path, Tables], Path]


@pytest.fixture
def faults(
    tmp_path: Path, tables: Tables, write_pack: WritePack
) -> Callable[[Callable[[Tables], object]], list[str]]:
    """The faults of the small pack once it is broken, each as `FILE:LINE: MESSAGE`."""

    def make(change: Callable[[Tables], object]) -> list[str]:
        change(tables)
        write_pack(tmp_path, tables)
        with pytest.raises(PackError) as caught:
            policies.load(tmp_path)
        for problem in caught.value.problems:
            assert f"  {problem}" in str(caught.value)
        return [str(problem) for problem in caught.value.problems]

    return make


Faults = Callable[[Callable[[Tables], object]], list[str]]


def line_of(tables: Tables, write_pack: WritePack, folder: Path, file: str, text: str) -> int:
    lines = (write_pack(folder, tables) / file).read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if text in line)


def test_a_secrecy_rule_that_is_not_written_as_one(
    faults: Faults, tables: Tables, write_pack: WritePack, tmp_path: Path
) -> None:
    said = faults(lambda t: secrecy(t, "OSL 35:1").update(rule="35 kap. 1 par"))
    line = line_of(tables, write_pack, tmp_path, "secrecy.toml", "35 kap. 1 par")
    message = "secrecy 35 kap. 1 par, rule: '35 kap. 1 par' is not written like OSL 26:1"
    assert f"secrecy.toml:{line}: {message}" in said


def test_more_conditions_than_there_are_bits_for(faults: Faults) -> None:
    def many(tables: Tables) -> None:
        rows = tables["vocabulary.toml"]["condition"]
        one = condition(tables, "protected")
        rows += [{**one, "name": f"more_{n}"} for n in range(129 - len(rows))]

    (said,) = [fault for fault in faults(many) if "more than" in fault]
    assert said.startswith("vocabulary.toml:")
    assert said.endswith("name: there are 129 conditions, more than 128")


def test_a_step_that_two_conditions_share(
    faults: Faults, tables: Tables, write_pack: WritePack, tmp_path: Path
) -> None:
    def twice(tables: Tables) -> None:
        row = {**condition(tables, "subject_ok"), "name": "subject_again"}
        tables["vocabulary.toml"]["condition"].append(row)

    said = faults(twice)
    start = line_of(tables, write_pack, tmp_path, "vocabulary.toml", "subject_again")
    message = "the fact consent.subject is a step and is already used by subject_ok"
    (found,) = [fault for fault in said if fault.endswith(message)]
    file, line, rest = found.split(":", 2)
    assert (file, rest) == ("vocabulary.toml", f" condition subject_again, fact: {message}")
    assert 0 <= int(line) - start <= 5


def test_a_table_that_is_written_as_one_instead_of_many(
    tmp_path: Path, tables: Tables, write_pack: WritePack
) -> None:
    file = write_pack(tmp_path, tables) / "roles.toml"
    file.write_text('[act]\ncode = "a"\n', encoding="utf-8")
    with pytest.raises(PackError) as caught:
        policies.load(tmp_path)
    assert "roles.toml:1: act must be written as [[act]]" in str(caught.value)


def test_what_a_parser_says_stands_in_the_message(
    tmp_path: Path, tables: Tables, write_pack: WritePack
) -> None:
    (write_pack(tmp_path, tables) / "roles.toml").write_text("act = \n", encoding="utf-8")
    with pytest.raises(PackError) as caught:
        policies.load(tmp_path)
    (problem,) = [p for p in caught.value.problems if p.file == "roles.toml"]
    assert problem.line == 1
    assert problem.message.startswith("is not valid TOML:")


def test_a_file_of_another_name_is_named_whole(
    tmp_path: Path, tables: Tables, write_pack: WritePack
) -> None:
    (write_pack(tmp_path, tables) / "rulez.toml").write_text("", encoding="utf-8")
    with pytest.raises(PackError) as caught:
        policies.load(tmp_path)
    said = [str(problem) for problem in caught.value.problems]
    assert said == ["rulez.toml: is not a file of a rule pack; remove or rename it"]


@pytest.mark.parametrize("text", ["x = " + "9" * 5000, "x = " + "[" * 5000])
def test_a_file_that_python_cannot_hold(
    tmp_path: Path, tables: Tables, write_pack: WritePack, text: str
) -> None:
    write_pack(tmp_path, tables)
    (tmp_path / "secrecy.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as caught:
        policies.load(tmp_path)
    message = "has a number that is too long, or tables too deep in each other"
    assert message in {problem.message for problem in caught.value.problems}
