"""Wrong changes to the engine's code: how they are made, and that its tests notice them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from policies import CaseError
from policies.__main__ import main
from policies.mutate import NOTICED_AT_LEAST, known_survivors, sample
from policies.mutate_command import ENGINE_SURVIVORS
from policies.mutate_engine import HERE, EngineCampaign, EngineMutant, engine_mutants, mutants_of

SAMPLE = 6

SOURCE = '''
def opened(yes: int | None, need: int) -> bool:
    """Counts."""
    total = 0
    for n in (1, 2):
        if n in (need, 2) and not yes:
            continue
        total += n & ~need
    return total > 1 or True
'''


def test_each_change_is_one_place_and_the_source_is_whole_afterwards() -> None:
    names = [mutant.name for mutant in mutants_of(SOURCE, "cover.py", "cover")]
    assert sorted(name.removeprefix("cover.py opened: ") for name in names) == [
        "0 to 1 #1",
        "1 to 2 #1",
        "1 to 2 #2",
        "2 to 3 #1",
        "2 to 3 #2",
        "Add to Sub #1",
        "And to Or #1",
        "AugAssign left out #1",
        "BitAnd to BitOr #1",
        "Continue left out #1",
        "Gt to GtE #1",
        "In to NotIn #1",
        "Invert to UAdd #1",
        "Not left out #1",
        "Or to And #1",
        "True to False #1",
        "test turned round #1",
    ]
    assert len({mutant.code().co_consts for mutant in mutants_of(SOURCE, "cover.py", "cover")}) > 1


def test_a_change_is_what_its_name_says() -> None:
    (mutant,) = [m for m in mutants_of(SOURCE, "cover.py", "cover") if "True to False" in m.name]
    module: dict[str, object] = {}
    exec(mutant.code(), module)  # noqa: S102 - source written above
    opened = module["opened"]
    assert callable(opened)
    assert opened(None, 3) is False


def test_a_sample_of_the_day_of_wrong_changes_is_noticed() -> None:
    known = known_survivors(ENGINE_SURVIVORS)
    campaign = EngineCampaign()
    seed = datetime.now(UTC).toordinal()
    tried = [m for m in sample(tuple(engine_mutants()), SAMPLE, seed) if m.name not in known]
    left = [mutant.name for mutant, noticed in campaign.try_all(tried) if not noticed]
    assert not left, f"python -m policies mutate --engine --only {left[0].partition(' ')[0]}"


def test_every_named_survivor_is_a_change_that_is_tried_and_has_a_reason() -> None:
    names = {mutant.name for mutant in engine_mutants()}
    known = known_survivors(ENGINE_SURVIVORS)
    assert set(known) <= names
    assert all(len(reason) > 20 for reason in known.values())
    assert len(known) <= len(names) * (100 - NOTICED_AT_LEAST) / 100


def test_a_slow_machine_is_not_taken_for_a_noticed_change(tmp_path: Path) -> None:
    (tmp_path / "test_slow.py").write_text(
        "import time\n"
        "from hypothesis import given, settings, strategies as st\n"
        "@settings(max_examples=2)\n"
        "@given(st.booleans())\n"
        "def test_slow(_): time.sleep(0.3)\n",
        encoding="utf-8",
    )
    # As on the command line, where the profile of these tests is not loaded.
    settings.load_profile("default")
    try:
        assert EngineCampaign(tmp_path, ["test_slow.py"]).try_unchanged() == ""
    finally:
        settings.load_profile("sluss")


@pytest.fixture
def unseen() -> EngineMutant:
    """A change that no scenario notices, for it changes nothing."""
    file = HERE / "cover.py"
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return EngineMutant(
        "cover.py: nothing", "policies.cover", str(file), tree, lambda: lambda: None
    )


def test_quick_tests_come_first_and_the_one_that_notices_is_named(
    tmp_path: Path, unseen: EngineMutant
) -> None:
    (tmp_path / "test_two.py").write_text(
        "import pathlib\n"
        "import policies.cover\n"
        "changed = type(policies.cover.__loader__).__name__ == '_Changed'\n"
        "def test_slow(): sum(range(5_000_000)); assert not changed\n"
        "def test_quick(): assert not changed\n",
        encoding="utf-8",
    )
    campaign = EngineCampaign(tmp_path, ["test_two.py"])
    assert campaign.try_mutant(unseen).endswith("test_two.py::test_slow")
    assert campaign.try_unchanged() == ""
    assert campaign.try_mutant(unseen).endswith("test_two.py::test_quick")


def test_a_scenario_that_notices_is_named() -> None:
    (mutant,) = [m for m in engine_mutants() if m.name == "cover.py cover: AugAssign left out #7"]
    assert EngineCampaign().try_mutant(mutant).startswith("scenario ")


def test_an_engine_that_does_not_pass_as_it_is_is_not_tried(tmp_path: Path) -> None:
    (tmp_path / "test_no.py").write_text("def test_no(): assert 0\n", encoding="utf-8")
    assert EngineCampaign(tmp_path, ["test_no.py"]).try_unchanged().endswith("::test_no")


class _Broken:
    """A campaign whose tests break while it runs."""

    def __init__(self) -> None:
        self.said = iter(["", "test_x.py::test_x"])

    def try_unchanged(self) -> str:
        return next(self.said)

    def try_all(
        self, mutants: Iterable[EngineMutant], jobs: int
    ) -> Iterator[tuple[EngineMutant, str]]:
        for mutant in mutants:
            yield mutant, "scenario X" if jobs == 2 else ""


def test_tests_that_break_meanwhile_have_noticed_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("policies.mutate_command.EngineCampaign", _Broken)
    assert main(["mutate", "--engine", "--jobs", "2", "--only", "_opens: Gt"]) == 2
    assert "(test_x.py::test_x); it did before, so what was tried" in capsys.readouterr().err


def test_without_the_tests_the_engine_cannot_be_tried(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="this needs a checkout of the source; there is no"):
        EngineCampaign(tmp_path)


def test_engine_takes_no_pack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutate", str(tmp_path), "--engine"]) == 2
    assert "--engine changes the engine, so it takes no pack" in capsys.readouterr().err
