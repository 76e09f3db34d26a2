"""Every scenario of the pack, by its own title: what the guidance answers, the law answers."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from policies import Facts, Law, decide
from policies.pack import GROUNDS, Rule, Scenario
from policies.scenarios import facts_of_answer, granted_facts, read_scenarios, try_scenario

FOLDER = Path(__file__).parents[3] / "policies" / "scenarios"
FOUND = read_scenarios(FOLDER)
BOUNDARIES = read_scenarios(FOLDER.parent / "boundaries")
ALL = [
    pytest.param(scenario, id=f"{scenario.id}: {scenario.title_sv}")
    for _, scenario in (*FOUND, *BOUNDARIES)
]


@pytest.mark.parametrize("scenario", ALL)
def test_the_law_gives_the_answer(packaged: Law, scenario: Scenario) -> None:
    for result in try_scenario(packaged, scenario):
        assert result.mismatches == (), f"{scenario.id} on {result.answer.on}"


def test_every_rule_fires_in_some_scenario(packaged: Law) -> None:
    shown: set[str] = set()
    for _, scenario in (*FOUND, *BOUNDARIES):
        for answer in scenario.answer:
            facts = facts_of_answer(packaged, scenario, answer)
            then = decide(packaged, granted_facts(facts, scenario.granted))
            shown |= {rule.id for rule in (*then.fired, *then.strikes, *then.stops)}
    assert set(packaged.rules) - shown == set()


@pytest.mark.parametrize("sender", ["SOC", "SCHOOL_M", "SCHOOL_M_EH", "SCHOOL_M_MED", "SCHOOL_I"])
def test_a_sender_has_both_allowed_and_refused_scenarios(sender: str) -> None:
    folders = {n.split("/")[0] for n, s in FOUND if s.facts["sender"]["kind"] == sender}
    assert folders >= {"tillatet", "nekat"}


def test_the_published_scenarios_are_there() -> None:
    published = {re.sub("[a-z]$", "", s.id) for _, s in FOUND if s.id.startswith("S")}
    assert len(published) == 59


def test_every_condition_of_every_rule_has_a_near_miss(packaged: Law) -> None:
    assert _unproven(packaged, [scenario for _, scenario in BOUNDARIES]) == []


def test_a_condition_without_a_near_miss_is_seen(packaged: Law) -> None:
    (whole,) = (scenario for _, scenario in BOUNDARIES if scenario.id == "G-P-18a")
    fewer = [a for a in whole.answer if a.facts != {"person": {"age": 21}}]
    poorer = msgspec.structs.replace(whole, answer=tuple(fewer))
    others = [scenario for _, scenario in BOUNDARIES if scenario.id != "G-P-18a"]
    assert _unproven(packaged, [*others, poorer]) == ["P-18a: person_under_21"]


def _unproven(law: Law, scenarios: list[Scenario]) -> list[str]:
    """Conditions that no answer shows missing, alone, while the answer says what then holds."""
    shown: set[tuple[str, str]] = set()
    for scenario in scenarios:
        # Others are about the secrecy table, or about a day on which several rules turn.
        rule = law.rules.get(scenario.id.removeprefix("G-"))
        if rule is None:
            continue
        for answer in scenario.answer:
            if not (answer.not_fired or answer.outcome_class or answer.fired):
                continue
            unmet = _unmet(law, rule, facts_of_answer(law, scenario, answer))
            if len(unmet) == 1:
                shown.add((rule.id, unmet.pop()))
    wanted = {
        (rule.id, name)
        for rule in law.rules.values()
        for name in (*rule.all, *rule.none, *rule.unless)
    }
    return sorted(f"{rule}: {name}" for rule, name in wanted - shown)


def _unmet(law: Law, rule: Rule, facts: Facts) -> set[str]:
    snapshot = law.snapshot(facts.on)
    yes, maybe, _ = snapshot.masks(facts)
    for_it, against = (yes, maybe) if rule.effect in GROUNDS else (maybe, yes)
    unmet = {name for name in rule.all if not snapshot.bits[name] & for_it}
    return unmet | {n for n in (*rule.none, *rule.unless) if snapshot.bits[n] & against}


def test_a_refused_scenario_expects_no_leave_on_the_day_it_was_read() -> None:
    for name, scenario in FOUND:
        latest = max(answer.on for answer in scenario.answer)
        classes = {a.outcome_class for a in scenario.answer if a.on == latest}
        lawful = classes & {"PERMITTED", "DUTY"}
        if name.startswith("nekat/") and not any(a.asks for a in scenario.answer):
            assert not lawful, name
