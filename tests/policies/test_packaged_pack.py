"""The pack that comes with the package, read a second time by the naive reading."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies import Law, decide, explain
from policies.errors import PackError
from policies.scenarios import read_scenarios
from tests.policies.oracle import Oracle
from tests.policies.questions import questions, with_steps

FOLDER = Path(__file__).parents[2] / "policies"
MANY = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@cache
def oracle() -> Oracle:
    files: dict[str, dict[str, Any]] = {}
    for path in sorted([*FOLDER.glob("*.toml"), *FOLDER.glob("rules/*.toml")]):
        files[path.name] = tomllib.loads(path.read_text(encoding="utf-8"))
    return Oracle(files)


@MANY
@given(data=st.data())
def test_the_packaged_pack_is_answered_as_the_naive_reading_answers_it(
    packaged: Law, data: st.DataObject
) -> None:
    facts = data.draw(questions(packaged))
    first = decide(packaged, facts)
    for step_by_step in (facts, *(with_steps(packaged, facts, way) for way in first.missing[:2])):
        decision = decide(packaged, step_by_step)
        judged = oracle().judge(step_by_step, oracle().state(step_by_step))
        assert (decision.outcome in ("must", "may")) == judged["lawful"]
        assert (decision.outcome == "must") == judged["must"]
        assert {code: set(ids) for code, ids in decision.covers.items()} == judged["covers"]


@settings(MANY, max_examples=40)
@given(data=st.data())
def test_every_answer_can_be_told_in_both_languages(packaged: Law, data: st.DataObject) -> None:
    decision = decide(packaged, data.draw(questions(packaged)))
    for lang in ("sv", "en"):
        told = explain(packaged, decision, lang)
        assert told.verdict
        assert told.reason
        assert "{" not in told.reason + told.next_step + "".join(told.warnings)
        assert len(told.ways) == len(decision.missing)
        assert told.provisions or not decision.applicable


def test_its_scenarios_can_be_read() -> None:
    try:
        found = read_scenarios(FOLDER / "scenarios")
    except PackError as fault:
        raise AssertionError(str(fault)) from fault
    assert len({scenario.id for _, scenario in found}) == len(found)
