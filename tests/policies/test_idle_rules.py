"""Rules that do nothing: planted ones are found, in the pack that staff use each has a reason."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policies import Law
from policies.__main__ import IDLE, main
from policies.idle import Idle, idle_rules, known_idle
from tests.policies.test_comparing import rule

Tables = dict[str, dict[str, Any]]
WritePack = Callable[[Path, Tables], Path]

pytest.importorskip("z3", reason="z3 comes with `make setup-test`")


@pytest.fixture
def found(tables: Tables, load_tables: Callable[[Tables], Law]) -> Callable[..., tuple[Idle, ...]]:
    """What is idle in the small pack once it has been changed."""

    def make(change: Callable[[Tables], object]) -> tuple[Idle, ...]:
        change(tables)
        return tuple(one for one in idle_rules(load_tables(tables)) if one.rule != "P-23b")

    return make


Found = Callable[[Callable[[Tables], object]], tuple[Idle, ...]]


def copied(name: str, new: str, **more: Any) -> Callable[[Tables], None]:
    """Plant a second rule like the named one."""

    def change(tables: Tables) -> None:
        row = {**rule(tables, name), "id": new, "version_of": new, **more}
        tables["rules/permissions.toml"]["rule"].append(row)

    return change


def test_a_rule_is_shadowed_where_the_crimes_of_the_pack_make_it_so(law: Law) -> None:
    # P-23b asks for a crime against life, and the only one there is serious enough for P-23.
    assert idle_rules(law) == (Idle("P-23b", "shadowed", ("P-23",)),)


def test_a_ground_that_can_never_hold_is_dead(found: Found) -> None:
    impossible = copied("P-18a", "P-X", all=["under_18", "adult", "risk"])
    assert found(impossible) == (Idle("P-X", "dead", ()),)


def test_a_ground_that_asks_more_than_another_is_shadowed_by_it(found: Found) -> None:
    stricter = copied("P-23", "P-X", all=["committed", "serious", "to_prevent"])
    assert found(stricter) == (Idle("P-X", "shadowed", ("P-23",)),)


def test_a_duty_is_not_shadowed_by_a_permission_that_asks_the_same(found: Found) -> None:
    def change(tables: Tables) -> None:
        twin = rule(tables, "D-1")
        copied("T-1", "P-X", **{"from": ["*"], "to": ["SOC"]}, opens=["all"], all=twin["all"],
               effect="permit")(tables)  # fmt: skip

    assert [one.rule for one in found(change)] == ["P-X"]


def test_a_strike_that_hits_nothing_is_dead(found: Found) -> None:
    nothing = copied("H-4", "H-X", all=["adult"], strikes=["C-2"])
    assert found(nothing) == (Idle("H-X", "dead", ()),)


def test_a_strike_behind_another_is_shadowed(found: Found) -> None:
    second = copied("H-4", "H-X", all=["committed", "serious"])
    assert found(second) == (Idle("H-X", "shadowed", ("H-4",)),)


def test_a_stop_behind_another_is_shadowed(found: Found) -> None:
    second = copied("H-11", "H-X", all=["investigation", "protected"])
    assert found(second) == (Idle("H-X", "shadowed", ("H-11",)),)


def test_check_deep_names_what_is_idle_and_exits_1(
    tmp_path: Path, tables: Tables, write_pack: WritePack, capsys: pytest.CaptureFixture[str]
) -> None:
    copied("P-18a", "P-X", all=["under_18", "adult", "risk"])(tables)
    folder = write_pack(tmp_path / "pack", tables)
    assert main(["check", str(folder), "--deep"]) == 1
    out = capsys.readouterr().out
    assert "dead P-X: NO REASON GIVEN" in out
    assert "shadowed P-23b, behind P-23: NO REASON GIVEN" in out
    assert "17 rules, 2 of which change no answer" in out


def test_without_z3_the_command_says_what_to_install(
    tmp_path: Path,
    tables: Tables,
    write_pack: WritePack,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    assert main(["check", str(write_pack(tmp_path / "pack", tables)), "--deep"]) == 2
    assert (
        "install it with `make setup-test`, or `pip install z3-solver`" in capsys.readouterr().err
    )


def test_every_idle_rule_of_the_packaged_pack_is_there_for_a_reason(packaged: Law) -> None:
    assert {one.rule for one in idle_rules(packaged)} == set(known_idle(IDLE))
