"""What a decision tells beside its outcome: questions, flags, cautions, and what nearly held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from policies import Decision, Law, decide
from policies.scenarios import facts_of
from tests.policies.test_remaining_steps import rule

Ask = Callable[..., Decision]
Rule = dict[str, Any]
MAY = rule("P", "permit", opens=["all"])
DUTY = rule("D", "duty_own", opens=["all"], all=["fares_badly"], cautions=["U2"])


def asked_about(decision: Decision) -> list[str]:
    return [step.condition for step in decision.questions]


def strike(rule_id: str, *of: str, **more: Any) -> Rule:
    return rule(rule_id, "strike", strikes=list(of), **{"all": ["committed"], **more})


# What is asked


def test_what_may_leave_asks_nothing_more_and_has_no_steps_left(ask: Ask) -> None:
    more = rule("Q", "permit", opens=["all"], all=["to_authority"], cautions=["U2"])
    decision = ask(MAY, more, recipient={"kind": "POLICE", "is_authority": "unknown"})
    assert decision.outcome == "may"
    assert (decision.missing, decision.missing_truncated, decision.questions) == ((), False, ())
    assert decision.cautions == ()


def test_a_question_is_asked_so_that_yes_or_no_can_be_told(ask: Ask) -> None:
    needed = rule("A", "permit", opens=["all"], all=["risk"], none=["pregnant"])
    decision = ask(needed, person={"pregnant": "unknown"})
    assert [(step.condition, step.value) for step in decision.questions] == [
        ("pregnant", True),
        ("risk", True),
    ]


def test_a_fact_that_can_only_be_answered_one_way_is_asked_if_that_helps(ask: Ask) -> None:
    prohibited = rule("S", "stop", all=["against_life"])
    decision = ask(MAY, prohibited, item={"crime": None, "crime_stage": "completed"})
    assert asked_about(decision) == ["against_life"]


@pytest.mark.parametrize("first", ["S1", "S2"])
@pytest.mark.parametrize(
    ("more", "facts"),
    [
        ({}, {"item": {"committed_crime": "unknown"}}),
        ({"unless": ["boss_ok"]}, {"item": {"committed_crime": "yes"}}),
        (
            {"none": ["verified"]},
            {"item": {"committed_crime": "yes"}, "requester_verified": "unknown"},
        ),
    ],
    ids=["it may not hold", "a step cures it", "an answer cures it"],
)
def test_a_duty_is_asked_about_unless_what_strikes_it_stays(
    ask: Ask, first: str, more: Rule, facts: Rule
) -> None:
    stays, falls = ("S1", "S2") if first == "S1" else ("S2", "S1")
    decision = ask(
        MAY,
        DUTY,
        rule("E", "duty_own", opens=["all"], all=["outweighs"]),
        strike(stays, "E", all=["to_prevent"]),
        strike(falls, "D", **more),
        **facts,
    )
    assert decision.outcome == "may"
    assert asked_about(decision) == ["fares_badly"]


def test_a_duty_that_is_struck_for_all_it_opens_here_is_not_asked_about(ask: Ask) -> None:
    wider = rule("D", "duty_own", opens=["OSL 26:1", "OSL 21:3"], all=["fares_badly"])
    bar = strike("S", "D", secrecy=["OSL 26:1"])
    struck = ask(MAY, wider, bar, item={"committed_crime": "yes"})
    assert asked_about(struck) == []
    assert asked_about(ask(MAY, wider, bar)) == ["fares_badly"]


@pytest.mark.parametrize(("committed", "asked"), [("no", ["fares_badly"]), ("yes", [])])
def test_where_nothing_is_secret_a_duty_is_asked_about_unless_it_is_struck(
    ask: Ask, committed: str, asked: list[str]
) -> None:
    decision = ask(
        DUTY,
        strike("S", "D"),
        sender={"kind": "SCHOOL"},
        item={"category": "K1", "committed_crime": committed},
    )
    assert decision.outcome == "may"
    assert asked_about(decision) == asked


# What is flagged


@pytest.mark.parametrize(
    ("pregnant", "verified", "flagged"),
    [("unknown", "no", True), ("yes", "unknown", True), ("yes", "no", False), ("no", "no", False)],
)
def test_an_unknown_that_starts_or_cures_a_stop_is_flagged(
    ask: Ask, pregnant: str, verified: str, flagged: bool
) -> None:
    prohibited = rule("S", "stop", all=["pregnant"], none=["verified"])
    decision = ask(MAY, prohibited, person={"pregnant": pregnant}, requester_verified=verified)
    assert ("unknown_facts" in decision.flags) is flagged


@pytest.mark.parametrize("pregnant", ["unknown", "yes"])
def test_an_unknown_of_a_strike_that_takes_something_is_flagged(ask: Ask, pregnant: str) -> None:
    verified = "unknown" if pregnant == "yes" else "no"
    bar = strike("S", "Q", all=["pregnant"], none=["verified"])
    facts = {"person": {"pregnant": pregnant}, "requester_verified": verified}
    taken = ask(MAY, rule("Q", "permit", opens=["OSL 26:1"]), bar, **facts)
    assert "unknown_facts" in taken.flags
    nothing = ask(MAY, rule("Q", "permit", opens=["OSL 25:1"]), bar, **facts)
    assert "unknown_facts" not in nothing.flags


# What is cautioned of


@pytest.mark.parametrize(("committed", "cautions"), [("unknown", ("U1",)), ("no", ())])
def test_a_ground_that_answers_could_make_hold_is_cautioned_of(
    ask: Ask, committed: str, cautions: tuple[str, ...]
) -> None:
    could = rule("Q", "permit", opens=["all"], all=["committed", "risk"], cautions=["U1"])
    other = rule("R", "permit", opens=["all"], all=["harmless"])
    decision = ask(could, other, item={"committed_crime": committed})
    assert decision.cautions == cautions


def test_a_ground_that_is_struck_is_not_cautioned_of(ask: Ask) -> None:
    struck = rule("Q", "permit", opens=["all"], all=["risk"], cautions=["U1"])
    bar = strike("S", "Q", all=["to_prevent"])
    other = rule("R", "permit", opens=["all"], all=["risk"])
    assert ask(struck, bar, other).cautions == ()


def test_a_duty_that_is_asked_about_is_cautioned_of(ask: Ask) -> None:
    assert ask(MAY, DUTY).cautions == ("U2",)
    assert ask(MAY, DUTY, person={"statements": {"fares_badly": "no"}}).cautions == ()


def test_what_is_not_known_to_be_secret_is_cautioned_of_by_its_row(ask: Ask) -> None:
    assert ask(MAY, item={"investigation": "unknown"}).cautions == ("U2", "U16")


@pytest.mark.parametrize(("committed", "cautions"), [("yes", ("U1",)), ("no", ())])
def test_a_stop_and_a_strike_that_stand_in_the_way_are_cautioned_of(
    ask: Ask, committed: str, cautions: tuple[str, ...]
) -> None:
    facts = {"item": {"committed_crime": committed}}
    prohibited = rule("S", "stop", all=["committed"], cautions=["U1"])
    assert ask(MAY, prohibited, **facts).cautions == cautions
    assert ask(MAY, strike("S", "P", cautions=["U1"]), **facts).cautions == cautions
    elsewhere = rule("Q", "permit", opens=["OSL 25:1"])
    assert ask(MAY, elsewhere, strike("S", "Q", cautions=["U1"]), **facts).cautions == ()


def test_that_several_secrecy_rules_apply_is_cautioned_of(ask: Ask) -> None:
    assert ask(MAY, item={"category": "K15"}).cautions == ("U16",)
    assert ask(MAY, item={"category": "K11"}).cautions == ()


@pytest.mark.parametrize("party", ["sender", "recipient"])
@pytest.mark.parametrize(("on", "told"), [(date(2026, 12, 31), False), (date(2027, 1, 1), True)])
def test_an_organisation_that_a_date_made_an_authority_is_cautioned_of(
    packaged: Law, party: str, on: date, told: bool
) -> None:
    written = {
        "sender": {"kind": "SCHOOL_M"},
        "recipient": {"kind": "SCHOOL_M"},
        "item": {"category": "K2"},
        "person": {"age": 16},
        party: {"kind": "SCHOOL_I"},
    }
    decision = decide(packaged, facts_of(packaged, written, on))
    assert ("OWNER" in decision.cautions) is told


# What nearly held


def test_the_ground_that_lacks_the_least_is_told_of_first_and_strikes_are_lacking_too(
    ask: Ask,
) -> None:
    decision = ask(
        rule("A", "permit", opens=["all"], all=["risk"], none=["pregnant"]),
        rule("B", "permit", opens=["all"], all=["risk"]),
        rule("C", "permit", opens=["all"], all=["harmless"]),
        rule("E", "permit", opens=["all"], all=["to_care", "under_18"]),
        strike("S1", "B", all=["to_prevent"]),
        strike("S2", "B", all=["under_18"]),
        person={"pregnant": "yes"},
    )
    assert [(near.id, near.unmet, near.struck_by) for near in decision.near] == [
        ("C", ("harmless",), ()),
        ("E", ("to_care",), ()),
        ("A", ("risk", "not:pregnant"), ()),
        ("B", ("risk",), ("S1", "S2")),
    ]


def test_a_ground_that_opens_something_though_struck_for_the_rest_has_held(ask: Ask) -> None:
    bar = strike("S", "P", all=["to_prevent"], secrecy=["OSL 25:1"])
    decision = ask(MAY, bar, item={"category": "K15"})
    assert (decision.covers, decision.near) == ({"OSL 25:1": (), "OSL 26:1": ("P",)}, ())
    whole = ask(MAY, strike("S", "P", all=["to_prevent"]), item={"category": "K15"})
    assert [(near.id, near.unmet, near.struck_by) for near in whole.near] == [("P", (), ("S",))]


def test_a_ground_that_opens_nothing_of_what_applies_is_not_told_of(ask: Ask) -> None:
    assert ask(MAY, rule("Q", "permit", opens=["OSL 25:1"], all=["risk"])).near == ()


# What strikes are told of


def struck(decision: Decision) -> list[tuple[str, tuple[str, ...]]]:
    return [(told.id, told.strikes) for told in decision.strikes]


def test_a_strike_is_told_of_with_what_it_takes_something_from(ask: Ask) -> None:
    elsewhere = rule("R", "permit", opens=["OSL 25:1"])
    grounds = (MAY, rule("Q", "permit", opens=["OSL 26:1"]), elsewhere)
    assert struck(ask(*grounds, strike("S", "P", "R", all=["to_prevent"]))) == [("S", ("P",))]
    assert struck(ask(*grounds, strike("S", "R", all=["to_prevent"]))) == []
    assert struck(ask(*grounds, strike("S", "P", "Q"))) == []


def test_a_strike_about_secrecy_that_applies_names_what_does_not_reach_it_anyway(ask: Ask) -> None:
    elsewhere = rule("R", "permit", opens=["OSL 25:1"])
    bar = strike("S", "R", all=["to_prevent"], secrecy=["OSL 26:1"])
    assert struck(ask(MAY, elsewhere, bar)) == [("S", ("R",))]
    far = strike("S", "R", all=["to_prevent"], secrecy=["OSL 18:1"])
    assert struck(ask(MAY, elsewhere, far)) == []


@pytest.mark.parametrize(("secrecy", "told"), [("OSL 26:1", [("S", ())]), ("OSL 18:1", [])])
def test_a_separate_channel_is_told_of_where_what_it_is_for_applies(
    ask: Ask, secrecy: str, told: list[tuple[str, tuple[str, ...]]]
) -> None:
    bar = strike("S", "Q", all=["to_prevent"], secrecy=[secrecy], separate_channel=True)
    nobody = rule("Q", "permit", **{"from": ["SCHOOL"]}, opens=["all"])
    decision = ask(MAY, nobody, bar)
    assert struck(decision) == told
    assert ("separate_channel" in decision.flags) is bool(told)


def test_where_nothing_is_secret_a_duty_is_struck_by_what_leaves_nothing_of_it(ask: Ask) -> None:
    open_item = {"sender": {"kind": "SCHOOL"}, "item": {"category": "K1"}}
    told = {"statements": {"fares_badly": "yes"}}
    duty = rule("D", "duty_own", opens=["OSL 26:1", "OSL 25:1"], all=["fares_badly"])
    for secrecy, outcome, taken in (
        ([], "may", [("S", ("D",))]),
        (["OSL 25:1", "OSL 26:1"], "may", [("S", ("D",))]),
        (["OSL 25:1"], "must", []),
    ):
        bar = strike("S", "D", all=["to_prevent"], secrecy=secrecy)
        decision = ask(duty, bar, person=told, **open_item)
        assert (decision.outcome, struck(decision)) == (outcome, taken)
        assert [near.struck_by for near in decision.near] == ([("S",)] if taken else [])


def test_where_nothing_is_secret_a_permission_is_neither_near_nor_struck(ask: Ask) -> None:
    decision = ask(
        rule("P", "permit", opens=["all"], all=["risk"]),
        strike("S", "P", all=["to_prevent"]),
        sender={"kind": "SCHOOL"},
        item={"category": "K1"},
    )
    assert (decision.outcome, decision.near, decision.strikes) == ("may", (), ())


def test_duties_are_told_of_first_then_the_surest_then_by_name(ask: Ask) -> None:
    decision = ask(
        rule("A", "permit", opens=["all"], confidence="C"),
        rule("B", "permit", opens=["all"], confidence="B"),
        rule("E", "permit", opens=["all"]),
        rule("C", "permit", opens=["all"]),
        rule("F", "duty_own", opens=["all"], confidence="C"),
        strike("S2", "B", all=["to_prevent"], secrecy=["OSL 25:1"], separate_channel=True),
        strike("S1", "B", all=["to_prevent"], secrecy=["OSL 25:1"], separate_channel=True),
        item={"category": "K15"},
    )
    assert [told.id for told in decision.fired] == ["F", "C", "E", "B", "A"]
    assert [told.id for told in decision.strikes] == ["S1", "S2"]
