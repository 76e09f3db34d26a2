"""Which questions an answer asks: those that can still change it, and no others."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import Decision, Facts, Law, decide
from policies.case_file import facts_of
from tests.policies.questions import changed, completed, questions, with_steps
from tests.policies.test_properties import BOTH, FAST, lawful
from tests.policies.test_properties import this as this

Make = Callable[..., Facts]
CLOSED: dict[str, Any] = {"guardian_consent": "refused", "subject_consent": "refused"}


def asked(decision: Decision) -> set[str]:
    return {step.condition for step in decision.questions}


def test_what_a_prohibition_has_ruled_out_for_good_is_not_asked_about(
    law: Law, facts_like: Make
) -> None:
    """H-4 rules out P-18a once the crime is known to be committed."""
    committed = facts_like(item={"committed_crime": "yes"}, person=CLOSED)
    decision = decide(law, committed)
    assert [strike.id for strike in decision.strikes] == ["H-4"]
    assert "risk" not in asked(decision)
    assert "harmless" in asked(decision)


def test_what_an_answer_can_still_lift_is_asked_about_and_so_is_the_answer(
    law: Law, facts_like: Make
) -> None:
    decision = decide(law, facts_like(item={"committed_crime": "unknown"}, person=CLOSED))
    assert [strike.id for strike in decision.strikes] == ["H-4"]
    assert {"risk", "committed"} <= asked(decision)
    assert "U1" in decision.cautions


def test_nothing_is_asked_where_it_must_be_told(law: Law, facts_like: Make) -> None:
    facts = facts_like(
        recipient={"kind": "SOC"}, person={"statements": {"fares_badly": "yes"}}, purpose="care"
    )
    decision = decide(law, facts)
    assert decision.outcome == "must"
    assert decision.questions == ()


def test_where_it_may_be_told_only_a_duty_asks(law: Law, facts_like: Make) -> None:
    to_police = decide(law, facts_like(person={"guardian_consent": "given"}))
    assert (to_police.outcome, to_police.questions) == ("may", ())
    to_soc = facts_like(recipient={"kind": "SOC"}, person={"guardian_consent": "given"})
    decision = decide(law, to_soc)
    assert (decision.outcome, asked(decision)) == ("may", {"fares_badly"})
    assert "duty_pending" in decision.flags


def test_what_is_open_already_is_not_opened_again(law: Law, facts_like: Make) -> None:
    """Consent has opened all but 18:1, which only the answer about an investigation can drop."""
    facts = facts_like(item={"investigation": "unknown"}, person={"guardian_consent": "given"})
    decision = decide(law, facts)
    assert decision.outcome == "needs"
    assert asked(decision) == {"investigation", "harmless"}


def test_where_one_secrecy_rule_stays_shut_nothing_is_asked(law: Law, facts_like: Make) -> None:
    facts = facts_like(item={"category": "K15"}, person=CLOSED | {"statements": {"harmless": "no"}})
    decision = decide(law, facts)
    assert decision.outcome == "none"
    assert decision.questions == ()


def test_a_duty_behind_a_stop_is_still_asked_about(law: Law, facts_like: Make) -> None:
    """That it is blocked is told, so whether there is one has to be known."""
    facts = facts_like(
        recipient={"kind": "SOC"}, item={"investigation": "yes"}, approvals={"boss_ok": "no"}
    )
    decision = decide(law, facts)
    assert decision.outcome == "stop"
    assert asked(decision) == {"fares_badly"}
    assert {"duty_pending", "duty_blocked"} <= set(decision.flags)


def test_the_caution_of_a_duty_that_is_asked_about_is_told(
    small_tables: Callable[[], dict[str, Any]], load_tables: Callable[..., Law], facts_like: Make
) -> None:
    tables = small_tables()
    duty = next(r for r in tables["rules/duties.toml"]["rule"] if r["id"] == "D-1")
    duty["cautions"] = ["U2"]
    to_soc = facts_like(recipient={"kind": "SOC"}, person={"guardian_consent": "given"})
    assert "U2" in decide(load_tables(tables), to_soc).cautions
    said_no = changed(to_soc, "person", statements={"fares_badly": "no"})
    assert "U2" not in decide(load_tables(tables), said_no).cautions


def packaged_answer(law: Law, sender: str, category: str, recipient: str, **item: str) -> Decision:
    table = {
        "sender": {"kind": sender},
        "recipient": {"kind": recipient},
        "item": {"category": category, **item},
        "person": {"age": 16},
    }
    return decide(law, facts_of(law, table, date(2026, 11, 23)))


@pytest.mark.parametrize(
    ("sender", "category"),
    [("CRIMEPREV", "K31"), ("LEISURE", "K31"), ("LEISURE", "K32"), ("SCHOOL_M", "K31")],
)
def test_what_section_8_excepts_is_not_asked_about_for_the_duty(
    packaged: Law, sender: str, category: str
) -> None:
    """H5: the act says it in so many words, so there is neither a question nor a caution.

    That it is not known whether the item belongs to an investigation does not make it a duty.
    Law: lag (2025:170) 8 §
    """
    decision = packaged_answer(packaged, sender, category, "POLICE")
    assert "needed_in_crime_fighting" not in asked(decision)
    assert not {"duty_pending", "duty_blocked"} & set(decision.flags)
    assert "U3" not in decision.cautions


def test_where_the_duty_is_asked_about_so_is_its_uncertainty(packaged: Law) -> None:
    decision = packaged_answer(packaged, "LEISURE", "K23", "POLICE")
    assert {"needed_in_crime_fighting", "secrecy_not_clearly_heavier"} <= asked(decision)
    assert "U3" in decision.cautions


def test_what_came_from_social_services_is_not_asked_about_but_why_is_told(packaged: Law) -> None:
    """That origin excepts the item is a reading, so the caution stands on the prohibition."""
    decision = packaged_answer(packaged, "LEISURE", "K23", "POLICE", origin="SOC")
    assert "H5-origin-soc" in {strike.id for strike in decision.strikes}
    assert "needed_in_crime_fighting" not in asked(decision)
    assert "U3" in decision.cautions


def test_a_duty_that_opens_nothing_known_to_apply_does_not_keep_consent_away(
    packaged: Law,
) -> None:
    """Family counselling: the duty to report does not reach it, so its person can be asked."""
    decision = packaged_answer(packaged, "SOC", "K12", "SOC")
    assert [one.rule for one in decision.applicable] == ["OSL 18:1", "OSL 26:3"]
    assert not {"duty_pending", "duty_blocked"} & set(decision.flags)
    assert any(step.kind == "consent" for way in decision.missing for step in way)


@BOTH
@FAST
@given(data=st.data())
def test_an_assessment_that_is_not_asked_changes_nothing(this: Law, data: st.DataObject) -> None:
    """Whatever else is answered or done: neither its yes nor its no."""
    facts = data.draw(questions(this))
    decision = decide(this, facts)
    names = {one.name for one in this.vocabulary.statements()} - facts.person.statements.keys()
    left = sorted(names - asked(decision))
    if not left:
        return
    chance = random.Random(data.draw(st.integers(0, 999)))  # noqa: S311 - drawn by hypothesis
    ways = [*decision.missing[:4], ()]
    for name in chance.sample(left, min(4, len(left))):
        after = with_steps(this, completed(this, facts, chance), chance.choice(ways))
        outcomes = {
            decide(this, _said(after, name, answer)).outcome for answer in ("yes", "no", None)
        }
        assert len(outcomes) == 1 or _asked_once_nothing_is_secret(this, decision, after, name)


def _asked_once_nothing_is_secret(this: Law, before: Decision, after: Facts, name: str) -> bool:
    """A duty about what is not secret is asked about when that is known, and not earlier.

    Law: OSL 6 kap. 5 §
    """
    then = decide(this, _said(after, name, None))
    tested = (any(this.rules[i].effect == "harm_test" for i in ids) for ids in then.covers.values())
    return bool(before.applicable) and all(tested) and name in asked(then)


def test_whether_the_work_is_hindered_is_asked_once_nothing_is_secret(packaged: Law) -> None:
    """Before 40:7 g, only an investigation could make it secret that somebody took part.

    Law: OSL 6 kap. 5 §
    """
    table = {
        "sender": {"kind": "CRIMEPREV"},
        "recipient": {"kind": "COURT"},
        "item": {"category": "K28", "presence_only": "yes"},
        "person": {"protected": "no"},
        "initiative": "request",
    }
    may_be_secret = facts_of(packaged, table, date(2019, 11, 23))
    before = decide(packaged, may_be_secret)
    assert [one.rule for one in before.applicable] == ["OSL 18:1"]
    assert "work_not_hindered" not in asked(before)
    after = decide(packaged, changed(may_be_secret, "item", investigation="no"))
    assert after.applicable == ()
    assert "work_not_hindered" in asked(after)


@BOTH
@FAST
@given(data=st.data())
def test_what_is_asked_is_in_a_way_or_belongs_to_a_duty(this: Law, data: st.DataObject) -> None:
    decision = decide(this, data.draw(questions(this)))
    steps = {step.condition for way in decision.missing for step in way}
    duties = {
        name.removeprefix("not:")
        for near in decision.near
        if this.rules[near.id].effect in ("duty_own", "duty_request")
        for name in near.unmet
    }
    if not decision.missing_truncated:
        assert asked(decision) <= steps | duties
    if decision.outcome == "must" or (lawful(decision) and not duties):
        assert not decision.questions


def _said(facts: Facts, name: str, answer: str | None) -> Facts:
    statements = dict(facts.person.statements)
    statements.pop(name, None)
    if answer is not None:
        statements[name] = answer
    person = msgspec.structs.replace(facts.person, statements=statements)
    return msgspec.structs.replace(facts, person=person)
