"""What holds for every question, on the small pack and on the packaged one.

| property | where |
|---|---|
| without rules nothing secret leaves | `test_without_rules_only_what_is_not_secret_may_leave` |
| a stop that fires is never passed | `test_an_uncured_stop_is_never_passed` |
| a step taken back never makes it lawful | `test_taking_back_a_step_never_makes_it_lawful` |
| one more step never makes it unlawful | `test_one_more_step_never_makes_it_unlawful` |
| a yes names cited rules in force | `test_every_yes_names_a_cited_rule_in_force_...` |
| only rules in force have a say | `test_a_rule_out_of_force_changes_nothing` |
| the order of rules means nothing | `test_the_order_of_rules_and_files_means_nothing` |
| knowing more never makes it unlawful | `test_knowing_more_never_makes_it_unlawful` |
| a listed set is enough | `test_a_listed_set_is_enough_whatever_else_is_true` |
| no listed set has a step too many | `test_a_listed_set_without_one_of_its_steps_is_not_enough` |
| listed sets form an antichain | `test_listed_sets_form_an_antichain_and_hold_no_contradiction` |
| a note is answered person by person | `test_a_note_is_answered_as_each_of_its_persons` |
| the bare answer is the whole one | `test_the_bare_answer_is_that_of_the_whole_decision` |
| same facts and pack, same bytes | `test_the_same_facts_and_pack_give_the_same_bytes` |
| a duty does not depend on consent | `test_a_duty_does_not_depend_on_consent` |
| what is settled is not suggested | `test_what_is_settled_is_never_suggested` |

That the sets are all there are is in `test_differential.py`, against brute force.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies import Decision, Facts, Law, decide, decide_note, decision_bytes
from policies.decide import lets_out
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


@BOTH
@FAST
@given(data=st.data())
def test_a_listed_set_without_one_of_its_steps_is_not_enough(
    this: Law, data: st.DataObject
) -> None:
    facts = data.draw(questions(this))
    for way in decide(this, facts).missing[:8]:
        if any(step.kind == "answer" for step in way):
            continue
        for left_out in way:
            fewer = [step for step in way if step is not left_out]
            assert not lawful(decide(this, with_steps(this, facts, fewer))), left_out


@BOTH
@FAST
@given(data=st.data())
def test_a_note_is_answered_as_each_of_its_persons(this: Law, data: st.DataObject) -> None:
    first = data.draw(questions(this))
    shown = {"a": first}
    for key in data.draw(st.sampled_from(["b", "bc", "bcd"])):
        other = data.draw(questions(this))
        shown[key] = changed(first, "", person=other.person)
    note = decide_note(this, shown)
    alone = {key: decide(this, facts) for key, facts in shown.items()}
    assert {key: decision_bytes(d) for key, d in note.by_person.items()} == {
        key: decision_bytes(d) for key, d in alone.items()
    }
    worst = ("must", "may", "needs", "none", "stop")
    assert note.outcome == max((d.outcome for d in alone.values()), key=worst.index)


@BOTH
@FAST
@given(data=st.data())
def test_the_bare_answer_is_that_of_the_whole_decision(this: Law, data: st.DataObject) -> None:
    facts = data.draw(questions(this))
    assert lets_out(this, facts) is lawful(decide(this, facts))
    then = made_lawful(this, facts)
    assert then is None or lets_out(this, then)


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
