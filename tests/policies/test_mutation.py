"""Wrong changes to the rules: what scenarios and loader notice, and what nothing can notice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from policies import CaseError, Law
from policies.__main__ import main
from policies.equivalence import difference
from policies.mutate import Campaign, known_survivors, sample
from policies.mutate_command import SURVIVORS
from tests.policies.test_commands import SCENARIO
from tests.policies.test_comparing import rule

Tables = dict[str, dict[str, Any]]
LoadTables = Callable[[Tables], Law]
WritePack = Callable[[Path, Tables], Path]

SAMPLE = 40


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return Campaign()


def test_a_days_sample_of_wrong_changes_to_the_packaged_rules_is_noticed_or_explained(
    campaign: Campaign,
) -> None:
    seed = datetime.now(UTC).toordinal()
    known = known_survivors(SURVIVORS)
    left = [
        mutant.name
        for mutant in sample(campaign.mutants, SAMPLE, seed)
        if mutant.name not in known and not campaign.try_mutant(mutant).killed_by
    ]
    assert not left, f"python -m policies mutate --sample {SAMPLE} --seed {seed}"


def test_every_named_survivor_is_a_change_that_is_tried_and_has_a_reason(
    campaign: Campaign,
) -> None:
    known = known_survivors(SURVIVORS)
    assert set(known) <= {mutant.name for mutant in campaign.mutants}
    assert all(len(reason) > 20 for reason in known.values())
    assert len(known) <= len(campaign.mutants) * 0.02


def test_a_survivor_of_the_day_answers_alike_in_every_world(campaign: Campaign) -> None:
    quick = sorted(name for name in known_survivors(SURVIVORS) if name[:2] in ("H3", "H5", "P-"))
    name = quick[datetime.now(UTC).toordinal() % len(quick)]
    (mutant,) = [mutant for mutant in campaign.mutants if mutant.name == name]
    assert not campaign.try_mutant(mutant).killed_by
    assert campaign.difference(mutant) == ""


def test_a_noticed_change_answers_otherwise_in_some_world(campaign: Campaign) -> None:
    (mutant,) = [m for m in campaign.mutants if m.name == "P-18a: without risk_of_crime"]
    assert campaign.try_mutant(mutant).killed_by
    assert campaign.difference(mutant) == "2025-04-01 P-18a"


@pytest.fixture
def found(law: Law, tables: Tables, load_tables: LoadTables) -> Callable[..., str]:
    """Where the small pack and a changed copy of it first differ."""

    def make(change: Callable[[Tables], object]) -> str:
        change(tables)
        return difference(law, load_tables(tables))

    return make


def test_what_another_rule_says_already_makes_no_difference(found: Callable[..., str]) -> None:
    # Under 18 is under 21, so asking both asks nothing more.
    assert found(lambda t: rule(t, "C-2")["all"].append("under_21")) == ""


def test_what_a_strike_rules_out_already_makes_no_difference(found: Callable[..., str]) -> None:
    # H-4 rules P-18a out for a committed crime.
    change = {"none": ["committed"]}
    assert found(lambda t: rule(t, "P-18a").update(change)) == ""


@pytest.mark.parametrize(
    ("name", "change", "where"),
    [
        ("P-18a", {"all": ["under_21"]}, "2025-04-01 P-18a"),
        ("P-26", {"effect": "duty_own", "opens": ["OSL 25:1", "OSL 26:1"]}, "2000-01-01 P-26"),
        ("C-1", {"not_opens": []}, "2000-01-01 C-1"),
        ("H-4", {"all": []}, "2000-01-01 P-18a@2013"),
        ("H-11", {"unless": []}, "2000-01-01 H-11"),
    ],
)
def test_the_rule_that_answers_otherwise_is_named(
    found: Callable[..., str], name: str, change: dict[str, Any], where: str
) -> None:
    assert found(lambda t: rule(t, name).update(change)) == where


def test_a_row_of_the_secrecy_table_that_says_otherwise_is_named(
    found: Callable[..., str],
) -> None:
    def later(tables: Tables) -> None:
        tables["secrecy.toml"]["secrecy"][6]["valid_from"] = date(2000, 1, 2)

    assert found(later).endswith("secrecy OSL 35:1") or found(later).endswith("secrecy K17")


@pytest.fixture
def pack(tmp_path: Path, tables: Tables, write_pack: WritePack) -> Path:
    folder = write_pack(tmp_path / "pack", tables)
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "x1.toml").write_text(SCENARIO, encoding="utf-8")
    return folder


def test_a_change_is_noticed_by_the_scenario_that_holds_it_in_place(pack: Path) -> None:
    campaign = Campaign(pack)
    outcomes = {m.name: campaign.try_mutant(m).killed_by for m in campaign.mutants}
    assert outcomes["P-18a: risk turned round"] == "X1 2026-11-23"
    assert outcomes["P-26: without to_care"] == ""


def test_a_pack_that_fails_its_own_scenarios_is_not_tried(pack: Path) -> None:
    file = pack / "scenarios" / "x1.toml"
    file.write_text(SCENARIO.replace('"PERMITTED"', '"DUTY"'), encoding="utf-8")
    with pytest.raises(CaseError, match="fails its own scenarios, mend those first: X1"):
        Campaign(pack)


def test_mutate_exits_1_on_a_survivor_without_a_reason(
    pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mutate", str(pack), "--only", "P-26: without to_care"]) == 1
    out = capsys.readouterr().out
    assert "survived P-26: without to_care: NO REASON GIVEN" in out
    assert "1 wrong changes, 0 noticed (0.0 %), 1 not" in out


def test_a_reason_does_not_help_a_survivor_that_answers_otherwise(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "survivors.toml"
    file.write_text(
        '[[survivor]]\nreason = "we think so"\nmutants = ["P-26: without to_care"]\n',
        encoding="utf-8",
    )
    only = ["--only", "P-26: without to_care", "--survivors", str(file)]
    assert main(["mutate", str(pack), *only, "--prove"]) == 1
    out = capsys.readouterr().out
    assert "survived P-26: without to_care: we think so" in out
    assert "and it answers otherwise: 2000-01-01 P-26" in out


def test_a_run_goes_on_where_the_one_before_it_ended(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = tmp_path / "done.tsv"
    main(["mutate", str(pack), "--only", "P-18a:", "--done", str(done)])
    first = done.read_text(encoding="utf-8")
    done.write_text(first.replace("\tX1 2026-11-23", "\ta scenario of before"), encoding="utf-8")
    main(["mutate", str(pack), "--only", "P-18a", "--done", str(done)])
    again = done.read_text(encoding="utf-8")
    assert "\ta scenario of before" in again
    assert len(again.splitlines()) > len(first.splitlines())
    capsys.readouterr()


def test_a_sample_is_the_same_for_the_same_seed(campaign: Campaign) -> None:
    assert sample(campaign.mutants, 10, 3) == sample(campaign.mutants, 10, 3)
    assert sample(campaign.mutants, 10, 3) != sample(campaign.mutants, 10, 4)
    assert len(sample(campaign.mutants, 10**6, 3)) == len(campaign.mutants)
