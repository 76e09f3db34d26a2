"""Two packs compared: every planted difference is found in its cells, and no other is reported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from policies import Law
from policies.__main__ import main
from policies.compare import CellChange, Comparison, compare, compare_days, unexplained_widenings
from policies.pack import Change
from policies.vocabulary import FACTS
from policies.worlds import fields_of

Tables = dict[str, dict[str, Any]]
LoadTables = Callable[[Tables], Law]
Cell = tuple[str, str, str]


def rule(tables: Tables, rule_id: str) -> dict[str, Any]:
    for file in ("rules/permissions.toml", "rules/duties.toml"):
        for row in tables[file]["rule"]:
            if row["id"] == rule_id:
                found: dict[str, Any] = row
                return found
    raise KeyError(rule_id)


def cells(changes: tuple[CellChange, ...]) -> set[Cell]:
    return {(c.sender, c.recipient, c.secrecy) for c in changes}


@pytest.fixture
def after(
    law: Law, tables: Tables, load_tables: LoadTables
) -> Callable[[Callable[[Tables], object]], Comparison]:
    """The small pack against itself with one thing changed."""

    def make(change: Callable[[Tables], object]) -> Comparison:
        change(tables)
        return compare(law, load_tables(tables))

    return make


After = Callable[[Callable[[Tables], object]], Comparison]


def test_a_pack_does_not_differ_from_itself(law: Law, packaged: Law) -> None:
    assert compare(law, law).cells == ()
    assert compare(packaged, packaged).cells == ()


def test_a_dropped_statement_widens_exactly_its_cell(after: After) -> None:
    found = after(lambda t: rule(t, "P-18a")["all"].remove("risk"))
    assert cells(found.widenings) == {("SOC", "POLICE", "OSL 26:1")}
    assert found.narrowings == ()
    (cell,) = found.widenings
    assert (cell.first, cell.last) == (date(2025, 4, 1), None)
    assert cell.rules == ("P-18a",)
    assert "under 21" in cell.example.sv
    assert cell.example.stricter_sv == ("bedömningen blir att risk",)
    assert cell.example.stricter_en == ("the assessment concludes that risk",)


def test_an_added_condition_narrows_exactly_its_cell(after: After) -> None:
    found = after(lambda t: rule(t, "P-18a")["all"].append("to_prevent"))
    assert cells(found.narrowings) == {("SOC", "POLICE", "OSL 26:1")}
    assert found.widenings == ()


def test_a_rule_that_opens_one_more_secrecy_rule_widens_its_cells(after: After) -> None:
    found = after(lambda t: rule(t, "P-26")["opens"].append("OSL 26:3"))
    assert cells(found.widenings) == {("SOC", "SOC", "OSL 26:3"), ("SOC", "LEISURE", "OSL 26:3")}
    assert found.narrowings == ()


def test_a_day_earlier_widens_on_that_day(after: After) -> None:
    def a_day_earlier(tables: Tables) -> None:
        rule(tables, "P-18a")["valid_from"] = date(2025, 3, 31)
        rule(tables, "P-18a@2013")["valid_to"] = date(2025, 3, 30)

    found = after(a_day_earlier)
    assert cells(found.widenings) == {("SOC", "POLICE", "OSL 26:1")}
    (cell,) = found.widenings
    assert (cell.first, cell.last) == (date(2025, 3, 31), date(2025, 3, 31))
    assert cell.example.stricter_sv == ("boss_ok",)


def test_a_dropped_strike_widens_what_it_ruled_out(after: After) -> None:
    found = after(lambda t: t["rules/duties.toml"]["rule"].remove(rule(t, "H-4")))
    assert cells(found.widenings) == {("SOC", "POLICE", "OSL 26:1")}
    assert {c.rules for c in found.widenings} == {("H-4",)}
    assert [(c.first, c.last) for c in found.widenings] == [(date(2000, 1, 1), None)]
    assert found.narrowings == ()


def test_a_dropped_stop_widens_every_cell_it_stood_in(after: After) -> None:
    found = after(lambda t: t["rules/duties.toml"]["rule"].remove(rule(t, "H-11")))
    senders = {cell.sender for cell in found.widenings}
    # About what a leisure centre holds the table is silent, so nothing leaves from there anyway.
    assert senders == {"SOC", "SCHOOL"}
    assert ("SOC", "POLICE", "") in cells(found.widenings)
    assert {cell.rules for cell in found.widenings} == {("H-11",)}
    assert any("title of H-11" in cell.example.stricter_sv for cell in found.widenings)
    assert found.narrowings == ()


def test_what_can_be_met_with_is_told_first(after: After) -> None:
    """A school has no social services' secrecy but by a unit's own; it stands last."""
    found = after(lambda t: rule(t, "T-1").update(all=["verified"]))
    usual = [cell.usual for cell in found.widenings]
    assert usual == sorted(usual, reverse=True)
    assert {True, False} == set(usual)
    by_cell = {(c.sender, c.secrecy): c.usual for c in found.widenings}
    assert by_cell["SOC", "OSL 26:1"]
    assert by_cell["SCHOOL", "OSL 18:1"]
    assert not by_cell["SCHOOL", "OSL 26:1"]
    assert found.by_cause()[0][0].usual


def test_who_works_together_every_day_is_told_before_who_meets_once(after: After, law: Law) -> None:
    """In the order of the vocabulary, which names them so."""
    found = after(lambda t: rule(t, "T-1").update(all=["verified"]))
    met = list(law.vocabulary.kinds)
    parties = [
        (met.index(cell.sender), met.index(cell.recipient))
        for cell in found.widenings
        if cell.usual
    ]
    assert parties == sorted(parties)
    assert [met[n] for n in parties[0]] == ["SOC", "SOC"]


def test_one_example_serves_as_many_cells_as_it_can(after: After) -> None:
    found = after(lambda t: rule(t, "T-1").update(all=["verified"]))
    widened = [group for group in found.by_cause() if group[0].direction == "widens"]
    assert len(found.widenings) > 20
    assert len(widened) < 8


def test_one_more_cure_widens(after: After) -> None:
    found = after(lambda t: rule(t, "H-11")["unless"].append("harmless"))
    assert {cell.rules for cell in found.widenings} == {("H-11",)}
    assert found.narrowings == ()


def test_two_changes_in_one_cell_are_both_told(after: After) -> None:
    def both(tables: Tables) -> None:
        rule(tables, "P-18a")["all"].remove("risk")
        rule(tables, "P-23")["all"].remove("serious")

    found = after(both)
    here = [c for c in found.widenings if (c.recipient, c.secrecy) == ("POLICE", "OSL 26:1")]
    assert {c.rules for c in here} == {("P-18a",), ("P-23",)}


def test_a_changed_number_is_found_where_it_matters(after: After) -> None:
    def older(tables: Tables) -> None:
        tables["parameters.toml"]["parameter"][0]["value"] = 22

    found = after(older)
    assert cells(found.widenings) == {("SOC", "POLICE", "OSL 26:1")}
    assert found.narrowings == ()


def test_a_milder_scale_of_penalties_is_found(after: After) -> None:
    def milder(tables: Tables) -> None:
        tables["parameters.toml"]["crime"][2]["min_months"] = 0

    found = after(milder)
    assert found.widenings == ()
    assert {c.rules for c in found.narrowings} == {("P-23",)}


def test_a_row_that_no_longer_makes_something_secret_widens(after: After) -> None:
    def not_ward_data(tables: Tables) -> None:
        rows = tables["secrecy.toml"]["secrecy"]
        rows.remove(next(r for r in rows if r.get("rule") == "OSL 25:1"))
        rule(tables, "P-26")["opens"] = ["OSL 26:1"]
        rule(tables, "P-23")["opens"] = ["set:SOCIAL"]

    found = after(not_ward_data)
    (cell,) = [c for c in found.widenings if c.category]
    assert (cell.sender, cell.recipient, cell.secrecy, cell.category) == (
        *("SOC", "*", "OSL 25:1"),
        "K15",
    )
    assert cell.rules == ("secrecy OSL 25:1",)


def test_a_row_where_the_table_was_silent_widens(after: After) -> None:
    def speaks(tables: Tables) -> None:
        rows = tables["secrecy.toml"]["secrecy"]
        rows.append({**rows[0], "categories": ["K99"], "none": []})

    found = after(speaks)
    (cell,) = found.widenings
    assert (cell.sender, cell.secrecy, cell.category) == ("SCHOOL", "", "K99")
    assert cell.rules == ("secrecy K99",)


def test_two_rules_in_the_place_of_one_are_no_difference(after: After) -> None:
    def split(tables: Tables) -> None:
        one = rule(tables, "C-1")
        one["all"].append("to_care")
        other = {**one, "id": "C-1b", "none": ["to_care"], "alternative": "b"}
        other["all"] = [name for name in one["all"] if name != "to_care"]
        third = {**other, "id": "C-1c", "none": [], "alternative": "c"}
        tables["rules/permissions.toml"]["rule"] += [other, third]

    found = after(split)
    assert found.cells == ()


def test_cases_that_unknown_facts_leave_open_are_a_difference(after: After) -> None:
    """Two halves do not make a whole: while the purpose is unknown neither applies."""

    def halves(tables: Tables) -> None:
        one = rule(tables, "C-1")
        one["all"].append("to_care")
        other = {**one, "id": "C-1b", "none": ["to_care"], "alternative": "b"}
        other["all"] = [name for name in one["all"] if name != "to_care"]
        tables["rules/permissions.toml"]["rule"].append(other)

    found = after(halves)
    assert found.widenings == ()
    assert {c.rules for c in found.narrowings} == {("C-1",)}
    assert not any("care" in said for c in found.narrowings for said in c.example.sv)


def test_renamed_or_reworded_rules_are_no_difference(after: After) -> None:
    def rename(tables: Tables) -> None:
        rule(tables, "P-26")["sv"] = "another title"
        rule(tables, "P-26")["id"] = "P-26x"

    assert after(rename).cells == ()


def test_the_law_on_two_days(law: Law) -> None:
    found = compare_days(law, date(2025, 3, 31), date(2025, 4, 1))
    assert cells(found.widenings) == {("SOC", "POLICE", "OSL 26:1")}
    assert found.narrowings == ()


def test_every_fact_that_a_condition_may_ask_can_be_compared() -> None:
    for name in FACTS:
        assert fields_of(name)


CHANGE = Change(
    version="1", rule="P-18a", reason="SFS 2025:179", reviewer="A. Jurist", reviewed_on=date.max
)


def test_a_widening_needs_a_reviewed_reason_for_this_version(
    law: Law, tables: Tables, load_tables: LoadTables
) -> None:
    rule(tables, "P-18a")["all"].remove("risk")
    new = load_tables(tables)
    found = compare(law, new)
    assert unexplained_widenings(found, new) == found.widenings
    assert unexplained_widenings(found, new, [CHANGE]) == ()
    for other in (
        {"version": "2"},
        {"rule": "P-23"},
        {"reason": " "},
        {"reviewer": ""},
    ):
        changed = Change(**{**{f: getattr(CHANGE, f) for f in CHANGE.__struct_fields__}, **other})
        assert unexplained_widenings(found, new, [changed]) == found.widenings


def written(changes: list[dict[str, Any]]) -> dict[str, Any]:
    return {"CHANGES.toml": {"change": changes}}


def test_the_command_refuses_a_widening_without_a_reason(
    tmp_path: Path,
    tables: Tables,
    write_pack: Callable[[Path, Tables], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    old = write_pack(tmp_path / "old", tables)
    rule(tables, "P-18a")["all"].remove("risk")
    new = write_pack(tmp_path / "new", tables)
    assert main(["compare", str(old), str(new), "--lang", "en"]) == 1
    told = capsys.readouterr()
    assert "WIDENS P-18a (from 2025-04-01): 1 from sender to recipient" in told.out
    assert "SOC -> POLICE: OSL 26:1" in told.out
    assert "the other pack: the assessment concludes that risk" in told.out
    assert told.err == "lacks a reviewed reason in CHANGES.toml: P-18a\n"
    reason = {f: getattr(CHANGE, f) for f in CHANGE.__struct_fields__}
    reviewed = write_pack(tmp_path / "reviewed", tables | written([reason]))
    assert main(["compare", str(old), str(reviewed)]) == 0
    assert main(["compare", str(new), str(old)]) == 0
    assert "STÄNGER P-18a" in capsys.readouterr().out


def test_the_command_compares_days_and_says_what_it_needs(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    tables: Tables,
    write_pack: Callable[[Path, Tables], Path],
) -> None:
    pack = str(write_pack(tmp_path / "pack", tables))
    assert main(["compare", pack, "--on", "2025-03-31", "--against", "2025-04-01"]) == 0
    assert "ÖPPNAR P-18a (2025-04-01 till 2025-04-01)" in capsys.readouterr().out
    assert main(["compare", pack, "--on", "2025-03-31"]) == 2
    assert main(["compare"]) == 2
    assert main(["compare", pack, pack, "--on", "2025-03-31", "--against", "2025-04-01"]) == 2
    assert main(["compare", pack, pack, "--lang", "en"]) == 0
    assert "nothing leaves that did not before" in capsys.readouterr().out
