"""Every scenario of the pack, by its own title: what the guidance answers, the law answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from policies import Law, decide
from policies.pack import Scenario
from policies.scenarios import facts_of, granted_facts, read_scenarios, try_scenario

FOLDER = Path(__file__).parents[3] / "policies" / "scenarios"
FOUND = read_scenarios(FOLDER)
ALL = [pytest.param(scenario, id=f"{scenario.id}: {scenario.title_sv}") for _, scenario in FOUND]


@pytest.mark.parametrize("scenario", ALL)
def test_the_law_gives_the_answer(packaged: Law, scenario: Scenario) -> None:
    for result in try_scenario(packaged, scenario):
        assert result.mismatches == (), f"{scenario.id} on {result.answer.on}"


def test_every_rule_fires_in_some_scenario(packaged: Law) -> None:
    shown: set[str] = set()
    for _, scenario in FOUND:
        for answer in scenario.answer:
            facts = facts_of(packaged, scenario.facts, answer.on)
            then = decide(packaged, granted_facts(facts, scenario.granted))
            shown |= {rule.id for rule in (*then.fired, *then.strikes, *then.stops)}
    assert set(packaged.rules) - shown == set()


@pytest.mark.parametrize("sender", ["SOC", "SCHOOL_M", "SCHOOL_M_EH", "SCHOOL_M_MED", "SCHOOL_I"])
def test_a_sender_has_both_allowed_and_refused_scenarios(sender: str) -> None:
    folders = {n.split("/")[0] for n, s in FOUND if s.facts["sender"]["kind"] == sender}
    assert folders == {"tillatet", "nekat"}


def test_the_published_scenarios_are_there() -> None:
    published = {re.sub("[a-z]$", "", s.id) for _, s in FOUND if s.id.startswith("S")}
    assert len(published) == 59


def test_a_refused_scenario_expects_no_leave_on_the_day_it_was_read() -> None:
    for name, scenario in FOUND:
        latest = max(answer.on for answer in scenario.answer)
        classes = {a.outcome_class for a in scenario.answer if a.on == latest}
        lawful = classes & {"PERMITTED", "DUTY"}
        if name.startswith("nekat/") and not any(a.asks for a in scenario.answer):
            assert not lawful, name
