"""Which rows of the secrecy table a cover rests on, and what they say may and surely does apply."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import policies
from policies import Facts, Law
from policies.cover import Cover, cover
from policies.place import Reach, place_of
from policies.scenarios import facts_of_answer, read_scenarios


def every_case(law: Law) -> list[Facts]:
    """The facts of every answer that comes with the packaged pack."""
    folder = Path(policies.__file__).parent
    found = [one for name in ("scenarios", "boundaries") for one in read_scenarios(folder / name)]
    return [facts_of_answer(law, scenario, a) for _, scenario in found for a in scenario.answer]


def test_a_row_is_in_use_when_it_may_apply_and_one_about_no_secrecy_when_it_surely_does(
    packaged: Law,
) -> None:
    seen: set[tuple[bool, bool]] = set()
    for facts in every_case(packaged):
        snapshot = packaged.snapshot(facts.on)
        yes, maybe, *_ = snapshot.masks(facts)
        place = place_of(snapshot, facts)
        found = cover(place, yes, maybe)
        in_use, may, does, settled = found.rows, place.own, place.own, False
        for n, (row, *_) in enumerate(place.rows):
            need, none = (snapshot.condition_mask(names) for names in (row.all, row.none))
            surely = need & yes == need and not none & maybe
            perhaps = need & maybe == need and not none & yes
            wanted = surely if row.no_secrecy else perhaps
            assert bool(in_use >> n & 1) == wanted, (facts, row.rule)
            seen.add((row.no_secrecy, wanted))
            bit = 0 if row.no_secrecy else snapshot.secrecy_bits[row.rule]
            may |= bit if perhaps else 0
            does |= bit if surely else 0
            settled |= surely and "*" not in row.categories
        assert (found.applicable, found.surely) == (may, does)
        assert found.settled == (settled and not place.unknown_own)
        assert in_use < 1 << len(place.rows)
    assert seen == {(False, False), (False, True), (True, False), (True, True)}


def test_what_may_turn_out_to_apply_is_not_what_a_duty_is_about() -> None:
    known, perhaps = 1, 2
    bare = Cover(known | perhaps, known, True, 0, cast("Reach", None), (), 0, ())
    assert bare.reached(known)
    assert bare.reached(known | perhaps)
    assert not bare.reached(perhaps)
    assert bare._replace(surely=0).reached(perhaps)
