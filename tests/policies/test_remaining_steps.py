"""The exact sets of steps that remain, on packs made for one point each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from policies import Decision, Facts, Law, decide

Make = Callable[..., Facts]
Tables = dict[str, dict[str, Any]]
Ask = Callable[..., Decision]


def ways(decision: Decision) -> set[frozenset[str]]:
    return {
        frozenset(s.condition if s.value else f"not:{s.condition}" for s in way)
        for way in decision.missing
    }


def rule(rule_id: str, effect: str, **more: Any) -> dict[str, Any]:
    texts = dict.fromkeys(("sv", "en", "explain_sv", "explain_en"), rule_id)
    place = {"from": ["*"], "to": ["*"], "cite": [{"act": "OSL", "at": "10:28"}]}
    head = {"id": rule_id, "version_of": rule_id, "effect": effect, "confidence": "A"}
    return head | place | texts | {"valid_from": date(2000, 1, 1)} | more


def test_of_two_answers_the_one_that_asks_less_is_listed(ask: Ask) -> None:
    decision = ask(
        rule("A", "permit", opens=["all"], all=["under_21"]),
        rule("B", "permit", opens=["all"], all=["under_18"]),
        person={"born": None},
    )
    assert ways(decision) == {frozenset({"under_21"})}


def test_an_answer_that_another_implies_is_not_listed(ask: Ask) -> None:
    decision = ask(
        rule("A", "permit", opens=["all"], all=["under_21", "under_18"], none=["adult"]),
        person={"born": None},
    )
    assert ways(decision) == {frozenset({"under_18"})}


def test_grounds_that_need_opposite_answers_do_not_add_up(ask: Ask) -> None:
    decision = ask(
        rule("A", "permit", opens=["OSL 26:1"], all=["under_18"]),
        rule("B", "permit", opens=["OSL 25:1"], all=["adult"]),
        item={"category": "K15"},
        person={"born": None},
    )
    assert decision.outcome == "none"


def test_answers_about_one_crime_must_fit_one_crime(ask: Ask) -> None:
    both = rule("A", "permit", opens=["all"], all=["against_life"], none=["serious"])
    decision = ask(both, item={"crime": None, "crime_stage": "completed"})
    assert decision.outcome == "none"
    graver = rule("A", "permit", opens=["all"], all=["against_life", "serious"])
    decision = ask(graver, item={"crime": None, "crime_stage": "completed"})
    assert ways(decision) == {frozenset({"against_life"})}


def test_both_sides_of_an_age_can_be_answered(ask: Ask) -> None:
    decision = ask(
        rule("A", "permit", opens=["all"], all=["adult", "risk"]),
        rule("B", "permit", opens=["all"], all=["under_18", "harmless"]),
        person={"born": None},
    )
    assert ways(decision) == {frozenset({"adult", "risk"}), frozenset({"under_18", "harmless"})}


def test_secrecy_of_the_senders_own_is_never_answered_away(ask: Ask) -> None:
    decision = ask(
        rule("A", "permit", opens=["OSL 26:1"]),
        rule("B", "permit", opens=["OSL 35:1"], all=["risk"]),
        sender={"kind": "SOC", "own_secrecy": ["OSL 35:1"]},
    )
    assert ways(decision) == {frozenset({"risk"})}


def test_secrecy_that_may_not_apply_is_opened_or_answered_away(ask: Ask) -> None:
    decision = ask(
        rule("A", "permit", opens=["OSL 26:1"]),
        rule("B", "permit", opens=["OSL 18:1"], all=["boss_ok"]),
        item={"investigation": "unknown"},
    )
    assert ways(decision) == {frozenset({"boss_ok"}), frozenset({"not:investigation"})}


def test_a_stop_is_lifted_by_a_cure_an_answer_or_the_lack_of_its_ground(ask: Ask) -> None:
    decision = ask(
        rule("A", "permit", opens=["all"]),
        rule("B", "stop", all=["pregnant"], none=["verified"], unless=["boss_ok"]),
        person={"pregnant": "unknown"},
        requester_verified="unknown",
    )
    assert ways(decision) == {
        frozenset({"boss_ok"}),
        frozenset({"verified"}),
        frozenset({"not:pregnant"}),
    }


def test_a_strike_for_one_secrecy_rule_leaves_the_ground_open_for_another(ask: Ask) -> None:
    decision = ask(
        rule("A", "permit", opens=["OSL 26:1", "OSL 21:3"], all=["risk"]),
        rule("D", "duty_own", opens=["OSL 21:3"], all=["verified"]),
        rule("S", "strike", all=["protected"], strikes=["grounds"], secrecy=["OSL 21:3"]),
        item={"contact_kind": "phone"},
        person={"protected": "yes"},
        requester_verified="yes",
    )
    assert decision.outcome == "needs"
    assert ways(decision) == {frozenset({"risk"})}


def test_a_strike_that_may_be_lifted_is_lifted_together_with_the_grounds_own_step(
    ask: Ask,
) -> None:
    decision = ask(
        rule("A", "permit", opens=["all"], all=["risk"]),
        rule("S", "strike", all=["committed"], unless=["boss_ok"], strikes=["A"]),
        item={"committed_crime": "unknown"},
    )
    assert ways(decision) == {frozenset({"risk", "boss_ok"}), frozenset({"risk", "not:committed"})}


def test_a_row_that_would_settle_the_category_is_asked_for(ask: Ask) -> None:
    decision = ask(
        rule("A", "permit", opens=["OSL 23:2"], all=["risk"]),
        sender={"kind": "SCHOOL"},
        item={"category": "K5", "contact_known": False},
        person={"protected": "yes"},
    )
    assert ways(decision) == {frozenset({"not:contact_data", "risk"})}
    unsure = ask(
        rule("A", "permit", opens=["OSL 23:2"], all=["risk"]),
        sender={"kind": "SCHOOL"},
        item={"category": "K1"},
        person={"protected": "unknown"},
    )
    assert ways(unsure) == {frozenset({"not:protected"}), frozenset({"protected", "risk"})}


def test_more_sets_than_anyone_reads_are_cut_and_said_to_be(
    small_tables: Callable[[], Tables],
    load_tables: Callable[[Tables], Law],
    facts_like: Make,
) -> None:
    tables = small_tables()
    names = [f"s{n}" for n in range(70)]
    row = {"source": "statement", "by": ["handler"]}
    row |= dict.fromkeys(("sv", "en", "question_sv", "question_en"), "text")
    tables["vocabulary.toml"]["condition"] += [{"name": name, **row} for name in names]
    tables["rules/duties.toml"] = {"rule": []}
    rules = [rule(f"R-{name}", "permit", opens=["all"], all=[name]) for name in names]
    tables["rules/permissions.toml"] = {"rule": rules}
    decision = decide(load_tables(tables), facts_like())
    assert len(decision.missing) == 64
    assert decision.missing_truncated
