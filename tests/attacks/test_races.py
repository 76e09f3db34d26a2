"""Two at once: whoever comes first, what the log tells afterwards could have come one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, count

import pytest

from tests.attacks.interleaving import Interleaving
from tests.attacks.races import ADULT, RACES, Scene
from tests.attacks.races_of_review import REVIEW_RACES
from tests.flows.town import Town

TOGETHER, LATER, EARLIER = (timedelta(milliseconds=apart) for apart in (0, 3, -3))
"""How much later the second act's clock was read than the first's."""
BEFORE_IT_BEGINS = 2
"""Points at which the held act has read its clock and nothing else."""
STRIDE = 4
"""On SQLite an act that has begun holds the only lock, so its later points are much alike."""
FEWEST_ROUNDS = {"sqlite": 15, "postgresql": 20}


@pytest.fixture
def interleaving(town: Town) -> Iterator[Interleaving]:
    made = Interleaving(town.store)
    yield made
    made.close()


@pytest.mark.parametrize("prepare", RACES + REVIEW_RACES, ids=lambda race: race.__name__)
def test_whoever_comes_first(prepare, town: Town, interleaving: Interleaving) -> None:
    by_consent = prepare.__name__ == "disclosing_and_withdrawing"
    case = town.case(born=ADULT) if by_consent else town.case()
    scene = Scene(town, case, town.note(case))
    rounds = 0
    for undo in (120, 0) if by_consent else (120,):
        scene.undo = undo
        for swapped in (False, True):
            rounds += _all_points(prepare, scene, interleaving, swapped)
    assert rounds >= FEWEST_ROUNDS[town.store.engine.dialect.name]


def _all_points(prepare, scene: Scene, interleaving: Interleaving, swapped: bool) -> int:
    """Hold the one at each of its points in turn, until it has no more. Returns the rounds."""
    rounds = 0
    stride = STRIDE if scene.town.store.engine.dialect.name == "sqlite" else 1
    for point in chain(range(BEFORE_IT_BEGINS + 1), count(BEFORE_IT_BEGINS + 1, stride)):
        held = True
        clocks = (TOGETHER, LATER, EARLIER) if point <= BEFORE_IT_BEGINS else (EARLIER,)
        for apart in clocks:
            held = _round(prepare, scene, interleaving, swapped, point, apart)
            rounds += 1
        if not held:
            return rounds
    raise AssertionError("never ends")


def _round(prepare, scene: Scene, interleaving, swapped: bool, point: int, apart) -> bool:
    """One round. Returns whether the held act came to that point at all."""
    scene.new_round()
    race = prepare(scene)
    at = scene.town.at

    def one():
        return race.one(at)

    def other():
        return race.other(at + apart)

    ended = interleaving.run(*((other, one) if swapped else (one, other)), hold_at=point)
    answers = (ended.second, ended.first) if swapped else (ended.first, ended.second)
    try:
        race.check(*answers)
    except AssertionError as wrong:
        wrong.add_note(f"held at point {point}, swapped {swapped}, clocks {apart} apart")
        raise
    return ended.held
