"""Which rows of the secrecy table a cover is said to rest on."""

from __future__ import annotations

from pathlib import Path

import policies
from policies import Facts, Law
from policies.cover import cover
from policies.place import place_of
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
        in_use = cover(place, yes, maybe).rows
        for n, (row, *_) in enumerate(place.rows):
            need, none = (snapshot.condition_mask(names) for names in (row.all, row.none))
            surely = need & yes == need and not none & maybe
            perhaps = need & maybe == need and not none & yes
            wanted = surely if row.no_secrecy else perhaps
            assert bool(in_use >> n & 1) == wanted, (facts, row.rule)
            seen.add((row.no_secrecy, wanted))
        assert in_use < 1 << len(place.rows)
    assert seen == {(False, False), (False, True), (True, False), (True, True)}
