"""The commands: what they print, and how they exit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policies.__main__ import main

Tables = dict[str, dict[str, Any]]
WritePack = Callable[[Path, Tables], Path]

CASE = """
on = 2026-11-23
sender = { kind = "SOC" }
recipient = { kind = "POLICE" }
item = { category = "K11", committed_crime = "no", investigation = "no" }
person = { age = 17, protected = "no" }
requester_verified = "no"
initiative = "own"
"""

SCENARIO = """
id = "X1"
title_sv = "Risk för brott"
title_en = "Risk of crime"
source = "https://example.org"
fidelity = "D"
question_sv = "Får socialtjänsten?"
question_en = "May social services?"
rests_on = ["OSL 10:18a"]
granted = ["risk"]
[facts]
sender = { kind = "SOC" }
recipient = { kind = "POLICE" }
item = { category = "K11", committed_crime = "no", investigation = "no" }
person = { age = 17, protected = "no" }
[[answer]]
on = 2026-11-23
outcome_class = "PERMITTED"
fired = ["P-18a"]
"""


@pytest.fixture
def pack(tmp_path: Path, tables: Tables, write_pack: WritePack) -> Path:
    folder = write_pack(tmp_path / "pack", tables)
    (folder / "scenarios" / "tillatet").mkdir(parents=True)
    (folder / "scenarios" / "tillatet" / "x1.toml").write_text(SCENARIO, encoding="utf-8")
    return folder


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case.toml"
    path.write_text(CASE, encoding="utf-8")
    return path


def test_scenarios_prints_each_and_exits_0(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", str(pack)]) == 0
    out = capsys.readouterr().out
    assert "ok   X1 2026-11-23 PERMITTED: Risk för brott" in out
    assert "1 answers, 1 as expected, 0 not" in out


def test_scenarios_exits_1_on_a_mismatch_and_says_what_differs(
    pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = pack / "scenarios" / "tillatet" / "x1.toml"
    file.write_text(SCENARIO.replace('"PERMITTED"', '"DUTY"'), encoding="utf-8")
    assert main(["scenarios", str(pack)]) == 1
    out = capsys.readouterr().out
    assert "FAIL X1" in out
    assert "expected DUTY, got needs" in out


def test_scenarios_without_any_exits_1(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pack / "scenarios" / "tillatet" / "x1.toml").unlink()
    assert main(["scenarios", str(pack)]) == 1
    assert "there are no scenarios to try" in capsys.readouterr().err


def test_a_scenario_that_cannot_be_asked_is_named(
    pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = pack / "scenarios" / "tillatet" / "x1.toml"
    file.write_text(SCENARIO.replace('"SOC"', '"NASA"'), encoding="utf-8")
    assert main(["scenarios", str(pack)]) == 2
    err = capsys.readouterr().err
    assert "error: scenarios/tillatet/x1.toml: sender: unknown kind 'NASA'" in err


def test_scenarios_of_a_folder_alone_are_tried_against_the_pack_that_is_named(
    tmp_path: Path, pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = tmp_path / "mine"
    alone.mkdir()
    (alone / "x1.toml").write_text(SCENARIO, encoding="utf-8")
    assert main(["scenarios", str(alone), "--pack", str(pack)]) == 0
    assert main(["scenarios", str(alone / "x1.toml"), "--pack", str(pack)]) == 0
    assert capsys.readouterr().out.count("ok   X1 2026-11-23 PERMITTED") == 2


def test_scenarios_of_a_folder_alone_are_tried_against_the_packaged_pack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    granted = 'granted = ["risk_of_crime", "not_inappropriate"]'
    text = SCENARIO.replace('granted = ["risk"]', granted)
    (tmp_path / "x1.toml").write_text(text, encoding="utf-8")
    assert main(["scenarios", str(tmp_path)]) == 0
    assert "1 answers, 1 as expected, 0 not" in capsys.readouterr().out


def test_every_scenario_that_cannot_be_asked_is_named(
    tmp_path: Path, pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    for name, wrong in (("a", "NASA"), ("b", "CIA")):
        text = SCENARIO.replace('"SOC"', f'"{wrong}"').replace('"X1"', f'"{name}"')
        (tmp_path / "mine" / f"{name}.toml").write_text(text, encoding="utf-8")
    assert main(["scenarios", str(tmp_path / "mine"), "--pack", str(pack)]) == 2
    err = capsys.readouterr().err
    assert "error: a.toml: sender: unknown kind 'NASA'" in err
    assert "error: b.toml: sender: unknown kind 'CIA'" in err


def test_scenarios_says_when_there_is_no_such_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "/nowhere/at/all"]) == 2
    assert "there is no /nowhere/at/all; name a pack" in capsys.readouterr().err


def test_check_names_the_rules_that_no_scenario_shows_and_exits_1(
    pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(pack)]) == 1
    out = capsys.readouterr().out
    assert "no scenario shows these rules firing: C-1, C-2, D-1" in out
    assert "small 1: 16 rules" in out
    assert "sha256 " in out


def test_check_exits_0_when_every_rule_is_shown(
    tmp_path: Path, tables: Tables, write_pack: WritePack, capsys: pytest.CaptureFixture[str]
) -> None:
    tables.pop("rules/duties.toml")
    rules = tables["rules/permissions.toml"]["rule"]
    tables["rules/permissions.toml"]["rule"] = [r for r in rules if r["id"] == "P-18a"]
    folder = write_pack(tmp_path / "pack", tables)
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "x1.toml").write_text(SCENARIO, encoding="utf-8")
    assert main(["check", str(folder)]) == 0
    assert "no scenario" not in capsys.readouterr().out


def test_check_exits_2_on_a_broken_pack_and_lists_the_problems(
    pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pack / "roles.toml").unlink()
    assert main(["check", str(pack)]) == 2
    assert "roles.toml: the file is missing" in capsys.readouterr().err


def test_explain_tells_verdict_provisions_and_what_remains(
    pack: Path, case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(case), "--pack", str(pack)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Kan lämnas ut efter din bedömning\n")
    assert "Lagrum: OSL 26 kap. 1 §" in out
    assert "Det som återstår: Kan lämnas ut antingen om bedömningen blir att risk" in out


def test_explain_answers_in_english(
    pack: Path, case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(case), "--pack", str(pack), "--lang", "en"]) == 0
    assert capsys.readouterr().out.startswith("Can be disclosed after your assessment\n")


def test_explain_gives_decision_and_words_as_json(
    pack: Path, case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(case), "--pack", str(pack), "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["decision"]["outcome"] == "needs"
    assert body["explanation"]["code"] == "needs_assessment"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            CASE.replace("on = 2026-11-23", ""),
            "needs the day: write on = 2026-11-23",
        ),
        ("on = ", "is not valid TOML"),
        (CASE.replace('kind = "SOC"', 'kind = "X"'), "sender: unknown kind 'X'"),
        (CASE + "colour = 1\n", "unknown field `colour`"),
        (CASE.replace("age = 17", "age = 17000"), "case.toml: person.age is whole years, 0 to 125"),
        (CASE.replace("age = 17", "age = 2100"), "case.toml: person.age is whole years, 0 to 125"),
        (CASE.replace("age = 17", "age = true"), "case.toml: person.age is whole years, 0 to 125"),
        ("on = 2026-11-23\nfacts = 3\n", "case.toml: facts is a table, not 3"),
        (CASE.replace('"K11"', '["K11"]'), "case.toml: item.category is one code in quotes"),
        (CASE.replace("2026-11-23", "0001-01-01"), "case.toml: on is a day from 1900 to 2199"),
        (CASE.replace("2026-11-23", "2026-11-23T10:00:00"), "on is a date without quotes"),
        (CASE + "same_authority = 3\n", "case.toml: same_authority is true or false, not 3"),
        ("on = 2026-11-23\nanswer = [3]\n", "case.toml: sender needs a kind"),
        ("x = " + "9" * 5000, "has a number that is too long"),
        ("x = " + "[" * 5000 + "]" * 5000, "tables too deep in each other"),
    ],
)
def test_explain_says_what_is_wrong_with_a_case(
    pack: Path, case: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    case.write_text(text, encoding="utf-8")
    assert main(["explain", str(case), "--pack", str(pack)]) == 2
    assert message in capsys.readouterr().err


def test_explain_says_when_there_is_no_such_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(tmp_path / "none.toml")]) == 2
    assert "cannot be read: No such file or directory" in capsys.readouterr().err


def test_a_command_that_does_not_exist_exits_2_with_usage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["comparison"])
    assert left.value.code == 2
    assert "usage: python -m policies" in capsys.readouterr().err


def test_explain_takes_a_scenario_and_another_day(capsys) -> None:
    folder = Path(__file__).parents[2] / "policies" / "scenarios" / "tillatet"
    scenario = str(folder / "b01_artonarsdagen_anmalan.toml")
    assert main(["explain", scenario, "--on", "2026-11-23"]) == 0
    before = capsys.readouterr().out
    assert main(["explain", scenario]) == 0
    assert capsys.readouterr().out != before
