"""What holds for every question, on the small pack and on the packaged one."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies import Decision, Facts, Law, decide, decision_bytes
from tests.policies.questions import changed, completions, questions, with_step, with_steps

Tables = dict[str, dict[str, Any]]

BOTH = pytest.mark.parametrize("pack", ["small", "packaged"])
FAST = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def this(pack: str, law: Law, packaged: Law) -> Law:
    return law if pack == "small" else packaged


def lawful(decision: Decision) -> bool:
    return decision.outcome in ("must", "may")


def made_lawful(law: Law, facts: Facts) -> Facts | None:
    """The facts once some listed set without answers is taken; None when there is none."""
    decision = decide(law, facts)
    if lawful(decision):
        return facts
    for way in decision.missing:
        if all(step.kind != "answer" for step in way):
            return with_steps(law, facts, way)
    return None


def said(decision: Decision) -> dict[str, Any]:
    """The decision without what names the pack's bytes."""
    content = msgspec.to_builtins(decision)
    content.pop("pack_sha256")
    return dict(content)


@BOTH
@FAST
@given(data=st.data())
def test_an_uncured_stop_is_never_passed(this: Law, data: st.DataObject) -> None:
    decision = decide(this, data.draw(questions(this)))
    assert not (decision.stops and lawful(decision))


@BOTH
@FAST
@given(data=st.data())
def test_every_yes_names_a_cited_rule_in_force_for_each_secrecy_rule(
    this: Law, data: st.DataObject
) -> None:
    facts = made_lawful(this, data.draw(questions(this)))
    if facts is None:
        return
    decision = decide(this, facts)
    in_force = {rule.id for rule in this.in_force(facts.on)}
    assert {secrecy.rule for secrecy in decision.applicable} == set(decision.covers)
    fired = {rule.id: rule for rule in decision.fired}
    for rule_ids in decision.covers.values():
        assert rule_ids
        assert set(rule_ids) <= in_force
        assert all(fired[rule_id].cite for rule_id in rule_ids)
    assert decision.fired or decision.outcome == "must"


@BOTH
@FAST
@given(data=st.data())
def test_taking_back_a_step_never_makes_it_lawful(this: Law, data: st.DataObject) -> None:
    facts = data.draw(questions(this))
    if lawful(decide(this, facts)):
        return
    person = facts.person
    for name in person.statements:
        less = {k: v for k, v in person.statements.items() if k != name}
        assert not lawful(decide(this, changed(facts, "person", statements=less)))
    for who in ("subject_consent", "guardian_consent"):
        for state in ("withdrawn", "not_asked"):
            assert not lawful(decide(this, changed(facts, "person", **{who: state})))
    for name in facts.approvals:
        left = {k: v for k, v in facts.approvals.items() if k != name}
        assert not lawful(decide(this, changed(facts, "", approvals=left)))


@BOTH
@FAST
@given(data=st.data())
def test_one_more_step_never_makes_it_unlawful(this: Law, data: st.DataObject) -> None:
    facts = made_lawful(this, data.draw(questions(this)))
    if facts is None:
        return
    for name, condition in this.vocabulary.conditions.items():
        if condition.source != "system":
            assert lawful(decide(this, with_step(this, facts, name))), name


@BOTH
@FAST
@given(data=st.data())
def test_knowing_more_never_makes_it_unlawful(this: Law, data: st.DataObject) -> None:
    facts = made_lawful(this, data.draw(questions(this)))
    if facts is None:
        return
    every = completions(this, facts)
    for known in random.Random(1).sample(every, min(len(every), 40)):  # noqa: S311
        assert lawful(decide(this, known))


@BOTH
@FAST
@given(data=st.data())
def test_a_listed_set_is_enough_whatever_else_is_true(this: Law, data: st.DataObject) -> None:
    facts = data.draw(questions(this))
    decision = decide(this, facts)
    for way in decision.missing[:6]:
        answers = {step.condition: step.value for step in way if step.kind == "answer"}
        after = with_steps(this, facts, way)
        if not answers:
            assert lawful(decide(this, after))
            continue
        every = completions(this, after)
        tried = random.Random(2).sample(every, min(len(every), 60))  # noqa: S311
        for known in tried:
            state = _answers(this, known)
            if all(state[name] == value for name, value in answers.items()):
                assert lawful(decide(this, known)), (answers, known)


def _answers(law: Law, facts: Facts) -> dict[str, bool]:
    snapshot = law.snapshot(facts.on)
    yes = snapshot.masks(facts).yes
    return {name: bool(snapshot.bits[name] & yes) for name in law.vocabulary.conditions}


@BOTH
@FAST
@given(data=st.data())
def test_listed_sets_form_an_antichain_and_hold_no_contradiction(
    this: Law, data: st.DataObject
) -> None:
    decision = decide(this, data.draw(questions(this)))
    ways = [frozenset((s.condition, s.value) for s in way) for way in decision.missing]
    assert len(ways) <= 64
    assert all(len({name for name, _ in way}) == len(way) for way in ways)
    assert not any(one <= other for one, other in itertools.permutations(ways, 2))
    assert (decision.outcome == "needs") == bool(ways)


@BOTH
@FAST
@given(data=st.data())
def test_what_is_settled_is_never_suggested(this: Law, data: st.DataObject) -> None:
    facts = data.draw(questions(this))
    decision = decide(this, facts)
    steps = {step.condition for way in decision.missing for step in way}
    no = {name for name, answer in facts.person.statements.items() if answer == "no"}
    no |= {name for name, answer in facts.approvals.items() if answer == "no"}
    for name, condition in this.vocabulary.conditions.items():
        if condition.source == "consent":
            state = getattr(facts.person, condition.fact.partition(".")[2] + "_consent")
            no |= {name} if state in ("refused", "withdrawn") else set()
    assert not steps & no


@BOTH
@FAST
@given(data=st.data())
def test_a_duty_does_not_depend_on_consent(this: Law, data: st.DataObject) -> None:
    facts = data.draw(questions(this))
    outcomes = set()
    for state in ("given", "refused", "not_asked"):
        asked = changed(facts, "person", subject_consent=state, guardian_consent=state)
        decision = decide(this, asked)
        outcomes.add(decision.outcome == "must")
        if {"duty_pending", "duty_blocked"} & set(decision.flags):
            assert not any(s.kind == "consent" for way in decision.missing for s in way)
    assert len(outcomes) == 1


@BOTH
@FAST
@given(data=st.data())
def test_the_same_facts_and_pack_give_the_same_bytes(this: Law, data: st.DataObject) -> None:
    facts = data.draw(questions(this))
    stored = msgspec.json.decode(msgspec.json.encode(facts), type=Facts)
    first = decision_bytes(decide(this, facts))
    assert decision_bytes(decide(this, stored)) == first
    assert decision_bytes(msgspec.json.decode(first, type=Decision)) == first


@settings(FAST, max_examples=25)
@given(data=st.data())
def test_the_order_of_rules_and_files_means_nothing(
    law: Law,
    small_tables: Callable[[], Tables],
    load_tables: Callable[[Tables], Law],
    data: st.DataObject,
) -> None:
    tables = small_tables()
    rules = tables.pop("rules/duties.toml")["rule"] + tables.pop("rules/permissions.toml")["rule"]
    tables["rules/all.toml"] = {"rule": data.draw(st.permutations(rules))}
    other = load_tables(tables)
    facts = data.draw(questions(law))
    assert said(decide(other, facts)) == said(decide(law, facts))


@settings(FAST, max_examples=25)
@given(data=st.data())
def test_a_rule_out_of_force_changes_nothing(
    law: Law,
    small_tables: Callable[[], Tables],
    load_tables: Callable[[Tables], Law],
    data: st.DataObject,
) -> None:
    facts = data.draw(questions(law))
    in_force = {rule.id for rule in law.in_force(facts.on)}
    tables = small_tables()
    for name in ("rules/duties.toml", "rules/permissions.toml"):
        tables[name] = {"rule": [r for r in tables[name]["rule"] if r["id"] in in_force]}
    fewer = said(decide(load_tables(tables), facts))
    every = said(decide(law, facts))
    fewer.pop("rules_sha256"), every.pop("rules_sha256")
    assert fewer == every


@settings(FAST, max_examples=25)
@given(data=st.data())
def test_without_rules_only_what_is_not_secret_may_leave(
    law: Law,
    small_tables: Callable[[], Tables],
    load_tables: Callable[[Tables], Law],
    data: st.DataObject,
) -> None:
    tables = small_tables()
    for name in ("rules/duties.toml", "rules/permissions.toml"):
        tables[name] = {"rule": []}
    decision = decide(load_tables(tables), data.draw(questions(law)))
    assert not (lawful(decision) and decision.applicable)
    tables["secrecy.toml"] |= {"secrecy": [], "receiver": []}
    empty = load_tables(tables)
    assert decide(empty, data.draw(questions(law))).outcome == "stop"
