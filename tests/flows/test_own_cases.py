"""A proposed rule pack is tried by the cases that it brings along."""

from __future__ import annotations

from app.flows.propose_pack import PackFaulty, propose_pack
from policies import load
from tests.flows import packs
from tests.flows.packs import jurist
from tests.flows.town import Town


def test_a_pack_that_its_own_cases_contradict_is_refused_with_which(town: Town) -> None:
    maja = jurist(town, "Maja Rätt")
    outcome = propose_pack(packs.failing(), maja, token="", packaged=load(), **town.hands)
    assert isinstance(outcome, PackFaulty)
    told = [(one.file, one.message) for one in outcome.problems]
    assert (
        "boundaries/g_p_18a.toml",
        "G-P-18a on 2026-11-23: expected P-18a not to fire, but it did",
    ) in told
    assert town.ops()[-1] == "pack.propose_refused"


def test_a_case_that_cannot_be_read_is_a_fault_of_the_pack(town: Town) -> None:
    contents = packs.reworded() | {"scenarios/trasig.toml": b'id = "X1"\n'}
    maja = jurist(town, "Maja Rätt")
    outcome = propose_pack(contents, maja, token="", packaged=load(), **town.hands)
    assert isinstance(outcome, PackFaulty)
    assert [one.file for one in outcome.problems] == ["scenarios/trasig.toml"]
