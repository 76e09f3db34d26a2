"""Wrong changes to the engine's code: how they are made, and that its tests notice them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from policies import CaseError
from policies.__main__ import main
from policies.mutate import known_survivors, sample
from policies.mutate_command import ENGINE_SURVIVORS
from policies.mutate_engine import HERE, EngineCampaign, mutants_of

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
    assert len({mutant.code.co_consts for mutant in mutants_of(SOURCE, "cover.py", "cover")}) > 1


def test_a_change_is_what_its_name_says() -> None:
    (mutant,) = [m for m in mutants_of(SOURCE, "cover.py", "cover") if "True to False" in m.name]
    module: dict[str, object] = {}
    exec(mutant.code, module)  # noqa: S102 - source written above
    opened = module["opened"]
    assert callable(opened)
    assert opened(None, 3) is False


@pytest.mark.parametrize(("module", "size"), [("cover", 5), ("missing", 4)])
def test_a_sample_of_the_day_of_wrong_changes_is_noticed(module: str, size: int) -> None:
    """`cover.py` decides whether anything leaves, `missing.py` what would make it lawful."""
    file = HERE / f"{module}.py"
    mutants = tuple(mutants_of(file.read_text(encoding="utf-8"), str(file), module))
    known = known_survivors(ENGINE_SURVIVORS)
    campaign = EngineCampaign()
    seed = datetime.now(UTC).toordinal()
    tried = [m for m in sample(mutants, size, seed) if m.name not in known]
    left = [mutant.name for mutant in tried if not campaign.try_mutant(mutant)]
    assert not left, f"mutate --engine --only {module}.py --sample {size} --seed {seed}"


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
        assert EngineCampaign(tmp_path, ["test_slow.py"]).try_mutant(None) == ""
    finally:
        settings.load_profile("sluss")


def test_without_the_tests_the_engine_cannot_be_tried(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="this needs a checkout of the source; there is no"):
        EngineCampaign(tmp_path)


def test_engine_takes_no_pack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutate", str(tmp_path), "--engine"]) == 2
    assert "--engine changes the engine, so it takes no pack" in capsys.readouterr().err
