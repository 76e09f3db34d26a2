"""Told cases to practise on: scenarios in plain words. The law gives the answer, not the file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from policies.decide import decide
from policies.errors import CaseError, PackError, Problem
from policies.explain import explain
from policies.facts import Facts
from policies.law import Law
from policies.pack import Scenario, Table
from policies.reading import parse_toml
from policies.scenarios import facts_of, granted_facts, packaged_scenarios

Guess = Literal["must", "may", "consent", "no"]
GUESSES: tuple[Guess, ...] = ("must", "may", "consent", "no")
_PUBLISHED: dict[str, Guess] = {
    "DUTY": "must",
    "PERMITTED": "may",
    "HARM_ASSESSMENT": "may",
    "CONSENT_ONLY": "consent",
    "FORBIDDEN": "no",
}


class TrainingCase(Table, frozen=True):
    """One told case, by the id of its scenario."""

    scenario: str
    sv: str
    en: str


class TrainingFile(Table, frozen=True):
    """`training/cases.toml`."""

    case: tuple[TrainingCase, ...]


@lru_cache(maxsize=4)
def training_cases(law: Law) -> tuple[TrainingCase, ...]:
    """The cases in the order they are told: those whose published answer this law gives.

    Another pack than the packaged one may lack a story's words, or answer it otherwise, and then it
    teaches something that its source does not say.
    """
    return tuple(case for case in packaged_training() if _as_published(law, case))


def _as_published(law: Law, case: TrainingCase) -> bool:
    latest = max(scenario_of(case).answer, key=lambda answer: answer.on)
    try:
        facts = training_facts(law, case)
    except CaseError:
        return False
    # No story tells of an approval or a request that is lacking, and no guess says that one is.
    if explain(law, decide(law, facts), "sv").code in ("needs_approval", "needs_request"):
        return False
    return right_guess(law, facts) == _PUBLISHED.get(latest.outcome_class)


@cache
def packaged_training() -> tuple[TrainingCase, ...]:
    """Every case of the file, whatever the law. Raises `PackError` if it cannot be read."""
    name = "training/cases.toml"
    content = parse_toml(name, (Path(__file__).parent / name).read_bytes())
    if isinstance(content, Problem):
        raise PackError([content])
    try:
        return msgspec.convert(content, TrainingFile).case
    except msgspec.ValidationError as fault:
        raise PackError([Problem(name, 0, str(fault))]) from fault


def scenario_of(case: TrainingCase) -> Scenario:
    """The scenario that the case tells."""
    return next(one for one in packaged_scenarios() if one.id == case.scenario)


def training_facts(law: Law, case: TrainingCase) -> Facts:
    """The facts of the latest day of its scenario, with the assessments that the story tells of."""
    scenario = scenario_of(case)
    on = max(answer.on for answer in scenario.answer)
    return granted_facts(facts_of(law, scenario.facts, on), scenario.granted)


def right_guess(law: Law, facts: Facts) -> Guess:
    """What somebody who knows the rules would have answered."""
    code = explain(law, decide(law, facts), "sv").code
    if code in ("must", "may"):
        return "must" if code == "must" else "may"
    if code in ("stop", "none"):
        return "no"
    return "consent" if code == "needs_consent" else "may"


def answered_alike(law: Law, guesses: Sequence[Guess | None]) -> int:
    """How many cases were answered as the rules do; `guesses` are in the order of the cases."""
    told = zip(training_cases(law), guesses, strict=True)
    return sum(guess == right_guess(law, training_facts(law, case)) for case, guess in told)
