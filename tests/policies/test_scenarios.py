"""How a published answer is compared with the engine's."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from policies import CaseError, Law, PackError
from policies.pack import Answer, Scenario
from policies.scenarios import facts_of, read_scenarios, try_scenario, unproven_rules

ON = date(2026, 11, 23)
FACTS: dict[str, Any] = {
    "sender": {"kind": "SOC"},
    "recipient": {"kind": "POLICE"},
    "item": {"category": "K11", "committed_crime": "no", "investigation": "no"},
    "person": {"age": 17, "protected": "no"},
    "initiative": "own",
    "requester_verified": "no",
}


def scenario(answer: dict[str, Any], facts: dict[str, Any] | None = None, **more: Any) -> Scenario:
    expected = {"outcome_class": "FORBIDDEN", **answer}
    table: dict[str, Any] = {
        "id": "X1",
        "title_sv": "t",
        "title_en": "t",
        "source": "s",
        "fidelity": "D",
        "question_sv": "q",
        "question_en": "q",
        "rests_on": [],
        "facts": facts or FACTS,
        "answer": [{"on": ON, **expected}],
        **more,
    }
    return msgspec.convert(table, Scenario)


def mismatches(law: Law, tried: Scenario) -> tuple[str, ...]:
    (result,) = try_scenario(law, tried)
    return result.mismatches


def about(**changes: Any) -> dict[str, Any]:
    out = dict(FACTS)
    for name, value in changes.items():
        out[name] = {**out[name], **value} if isinstance(value, dict) and name in out else value
    return out


REFUSED = {"age": 30, "subject_consent": "refused", "statements": {"harmless": "no"}}


@pytest.mark.parametrize(
    ("outcome_class", "facts", "granted", "asks"),
    [
        ("PERMITTED", about(), ["risk"], ""),
        ("PERMITTED", about(), ["risk"], "P-18a"),
        ("DUTY", about(recipient={"kind": "SOC"}, case_subject_age=9), ["fares_badly"], "D-1"),
        ("CONSENT_ONLY", about(person={"age": 30, "statements": {"harmless": "no"}}), [], ""),
        ("HARM_ASSESSMENT", about(), [], ""),
        ("HARM_ASSESSMENT", about(), [], "P-18a"),
        ("FORBIDDEN", about(person=REFUSED), [], ""),
        ("FORBIDDEN", about(item={"committed_crime": "yes"}), [], "P-18a"),
        ("FORBIDDEN", about(person={"age": 22}), [], "P-18a"),
        ("FORBIDDEN", about(item={"investigation": "yes"}, approvals={"boss_ok": "no"}), [], ""),
    ],
)
def test_an_answer_of_the_class_is_recognised(
    law: Law, outcome_class: str, facts: dict[str, Any], granted: list[str], asks: str
) -> None:
    expected = {"outcome_class": outcome_class, "asks": asks}
    assert mismatches(law, scenario(expected, facts, granted=granted)) == ()


@pytest.mark.parametrize(
    ("outcome_class", "facts", "granted", "asks"),
    [
        ("PERMITTED", about(), [], ""),
        ("PERMITTED", about(), ["harmless"], "P-18a"),
        ("DUTY", about(), ["risk"], ""),
        ("CONSENT_ONLY", about(), [], ""),
        ("HARM_ASSESSMENT", about(person={"age": 30, "statements": {"harmless": "no"}}), [], ""),
        ("HARM_ASSESSMENT", about(person={"age": 22}), [], "P-18a"),
        ("FORBIDDEN", about(), [], ""),
        ("FORBIDDEN", about(), [], "P-18a"),
    ],
)
def test_an_answer_of_another_class_is_a_mismatch(
    law: Law, outcome_class: str, facts: dict[str, Any], granted: list[str], asks: str
) -> None:
    expected = {"outcome_class": outcome_class, "asks": asks}
    (found,) = mismatches(law, scenario(expected, facts, granted=granted))
    assert found.startswith(f"expected {outcome_class}, got ")


def test_rules_that_should_fire_and_should_not_are_compared(law: Law) -> None:
    expected = {"outcome_class": "PERMITTED", "fired": ["P-23"], "not_fired": ["P-18a"]}
    assert mismatches(law, scenario(expected, granted=["risk"])) == (
        "expected P-23 to fire; fired: P-18a",
        "expected P-18a not to fire, but it did",
    )


def test_missing_sets_are_compared_exactly(law: Law) -> None:
    right = [["risk"], ["harmless"], ["guardian_ok"]]
    expected = {"outcome_class": "HARM_ASSESSMENT", "missing": right}
    assert mismatches(law, scenario(expected)) == ()
    expected["missing"] = right[:2]
    (found,) = mismatches(law, scenario(expected))
    assert found == (
        "expected missing [{harmless}, {risk}], got [{guardian_ok}, {harmless}, {risk}]"
    )


def test_names_that_the_pack_does_not_have_are_mismatches(law: Law) -> None:
    expected = {"outcome_class": "PERMITTED", "fired": ["P-99"]}
    found = mismatches(law, scenario(expected, granted=["risk", "under_21"]))
    assert "granted: 'under_21' is not a statement of the vocabulary" in found
    assert "'P-99' is not a rule of the pack" in found


def test_a_rule_that_no_scenario_shows_is_listed(law: Law) -> None:
    results = try_scenario(
        law, scenario({"outcome_class": "PERMITTED", "fired": ["P-18a"]}, granted=["risk"])
    )
    unproven = unproven_rules(law, results)
    assert "P-18a" not in unproven
    assert {"P-18a@2013", "D-1"} <= set(unproven)


def test_what_a_scenario_leaves_out_is_filled_in(law: Law) -> None:
    facts = facts_of(law, {**FACTS, "sender": {"kind": "OWNER"}, "same_authority": True}, ON)
    assert facts.sender.is_authority == "no"
    assert facts.sender.authority == facts.recipient.authority
    later = facts_of(law, {**FACTS, "sender": {"kind": "OWNER"}}, date(2027, 1, 1))
    assert later.sender.is_authority == "yes"
    assert later.person.born == date(2009, 9, 23)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sender": {}}, "sender needs a kind"),
        ({"recipient": {"kind": "NASA"}}, "recipient: unknown kind 'NASA'"),
        ({"person": {"age": "17"}}, "age is whole years"),
        ({"item": {}}, "item needs a category"),
        ({"item": {"category": "K77"}}, "item: unknown category 'K77'"),
        ({"item": {"category": "K11", "crime": "arson"}}, "item: unknown crime 'arson'"),
        ({"purpose": "gossip"}, "facts: unknown purpose 'gossip'"),
        (
            {"person": {"statements": {"riks": "yes"}}},
            "person.statements: unknown statement 'riks'; the pack has fares_badly",
        ),
        ({"approvals": {"chef": "yes"}}, "approvals: unknown approval 'chef'"),
        ({"person": 17}, "person is a table"),
        ({"on": "2026-11-23"}, "on is a date without quotes"),
        ({"colour": "red"}, "unknown field `colour`"),
    ],
)
def test_facts_that_cannot_be_read_say_what_to_change(
    law: Law, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(CaseError, match=message):
        facts_of(law, {**FACTS, **changes}, ON)


def test_a_case_may_be_written_in_short(law: Law) -> None:
    short = facts_of(
        law,
        {"sender": "SOC", "recipient": "POLICE", "item": FACTS["item"], "person": {"age": 17}},
        ON,
    )
    assert (short.sender.kind, short.recipient.kind) == ("SOC", "POLICE")
    assert short.case_subject_born == short.person.born
    said = facts_of(law, {**FACTS, "person": {"age": 17, "protected": True}}, ON)
    assert said.person.protected == "yes"


def test_an_answer_can_change_the_facts_and_what_is_granted(law: Law) -> None:
    answers = [
        {"on": ON, "outcome_class": "PERMITTED", "fired": ["P-18a"]},
        {
            "on": ON,
            "outcome_class": "FORBIDDEN",
            "asks": "P-18a",
            "facts": {"person": {"born": date(2000, 1, 1)}},
        },
        {
            "on": ON,
            "outcome_class": "HARM_ASSESSMENT",
            "not_fired": ["P-18a"],
            "granted": [],
        },
    ]
    tried = scenario({}, granted=["risk"])
    tried = msgspec.structs.replace(tried, answer=msgspec.convert(answers, tuple[Answer, ...]))
    assert [result.mismatches for result in try_scenario(law, tried)] == [(), (), ()]


def test_scenario_files_report_all_their_faults(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("id = ")
    (tmp_path / "b.toml").write_text('id = "B"\ncolour = 1\n')
    with pytest.raises(PackError, match="has 2 problems") as caught:
        read_scenarios(tmp_path)
    assert {problem.file for problem in caught.value.problems} == {"a.toml", "b.toml"}


@pytest.mark.parametrize(
    ("expected", "says"),
    [
        ({"applies": ["OSL 25:1"]}, "expected secrecy: OSL 25:1; got: OSL 26:1"),
        ({"applies": []}, "expected secrecy: none; got: OSL 26:1"),
        ({"grounds": ["harm_test"]}, "expected grounds: harm_test; got: permit"),
        ({"struck": {"H-4": ["P-18a"]}}, "expected struck by H-4: P-18a; got: none"),
        ({"lacks": {"P-18a": ["under_21"]}}, "expected lacking for P-18a: under_21; got: none"),
        ({"lacks": {"P-23": []}}, "expected lacking for P-23: none; got: committed, serious"),
        ({"lacks": {"P-99": []}}, "'P-99' is not a rule of the pack"),
    ],
)
def test_an_answer_says_which_secrecy_applies_what_grounds_are_what_is_struck_and_what_lacks(
    law: Law, expected: dict[str, Any], says: str
) -> None:
    wrong = {"outcome_class": "PERMITTED", **expected}
    assert mismatches(law, scenario(wrong, about(), granted=["risk"])) == (says,)
    right = {"applies": ["OSL 26:1"], "grounds": ["permit"], "struck": {"H-4": []}}
    right |= {
        "outcome_class": "PERMITTED",
        "lacks": {"P-18a": [], "P-23": ["committed", "serious"]},
    }
    assert mismatches(law, scenario(right, about(), granted=["risk"])) == ()
    committed = about(item={"committed_crime": "yes"})
    struck = {"outcome_class": "", "struck": {"H-4": ["P-18a"]}}
    assert mismatches(law, scenario(struck, committed, granted=["risk"])) == ()
