"""Where somebody with a protected address, or a child in care, stays: told to that person alone."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from policies import Decision, Law, explain
from tests.policies.law.test_dangerous_mistakes import whole_families

Ask = Callable[..., Decision]


def test_where_a_protected_person_is_can_be_told_to_nobody_but_that_person(
    packaged: Law, ask: Ask, every_statement: tuple[str, ...], every_approval: dict[str, str]
) -> None:
    said: dict[str, Any] = {
        "says": every_statement,
        "approvals": every_approval,
        "requester_verified": "yes",
        "initiative": "own",
        "decider_role": "principal",
    }
    consents = {"subject_consent": "given", "guardian_consent": "given"}
    place = {"contact_kind": "whereabouts"}
    for recipient, purpose in product(packaged.vocabulary.kinds, ("access", "coordinate_support")):
        decision = ask(
            *("SOC", recipient, "K11"),
            **{**said, "item": place, "person": {"protected": "yes", **consents}},
            purpose=purpose,
        )
        told = {rule.effect for rule in decision.fired if rule.id in decision.covers["OSL 21:3"]}
        assert told <= {"duty_own", "duty_request"} or recipient == "PERSON_SELF", recipient


@pytest.mark.parametrize("recipient", ["PERSON", "PERSON_GUARDIAN"])
def test_where_a_child_in_care_is_staying_can_be_told_to_the_child_and_to_no_other_person(
    ask: Ask, every_statement: tuple[str, ...], recipient: str
) -> None:
    consents = {"subject_consent": "given", "guardian_consent": "given"}
    asked: dict[str, Any] = {"requester_verified": "yes", "person": {"age": 17, **consents}}
    assert ask("SOC", "PERSON_SELF", "K13", **asked).outcome == "may"
    decision = ask("SOC", recipient, "K13", says=every_statement, **asked)
    assert decision.outcome == "none"
    assert ("OSL 26:2" in decision.covers) == (recipient == "PERSON_GUARDIAN")


def test_who_poses_as_a_child_in_care_is_not_told_where_the_child_is_staying(ask: Ask) -> None:
    unchecked = ask("SOC", "PERSON_SELF", "K13", requester_verified="no")
    assert unchecked.outcome == "none"
    checked = ask("SOC", "PERSON_SELF", "K13", requester_verified="yes")
    assert "separate_channel" in checked.flags


def test_where_a_child_in_care_is_staying_is_told_to_nobody_on_the_guardians_consent(
    packaged: Law, ask: Ask
) -> None:
    guardians = whole_families(packaged, "C-15_17", "C-12_14", "C-under_12")
    for recipient, age in product(packaged.vocabulary.kinds, (9, 13, 16)):
        person = {"age": age, "subject_consent": "given", "guardian_consent": "given"}
        said = {"says": ["child_view_heard"], "requester_verified": "yes", "purpose": "schooling"}
        decision = ask("SOC", recipient, "K13", person=person, **said)
        assert not {rule for ids in decision.covers.values() for rule in ids} & guardians


def test_a_protected_person_is_told_their_own_address_by_a_separate_channel(
    packaged: Law, ask: Ask
) -> None:
    facts: dict[str, Any] = {
        "item": {"contact_kind": "home_address"},
        "person": {"age": 34, "protected": "yes"},
    }
    unchecked = ask("SOC", "PERSON_SELF", "K11", **facts)
    checked = ask("SOC", "PERSON_SELF", "K11", **facts, requester_verified="yes")
    assert (unchecked.outcome, checked.outcome) == ("needs", "may")
    assert "separate_channel" in unchecked.flags
    assert "separate_channel" in checked.flags
    assert any("personens egen rätt" in told for told in explain(packaged, checked, "sv").warnings)


@pytest.mark.parametrize(
    ("place", "more"),
    [
        (("SCHOOL_M", "SCHOOL_I", "K5"), {"purpose": "school_transition"}),
        (("SCHOOL_M", "SOC", "K5"), {"purpose": "schooling"}),
        (("EDUCATION", "PROS", "K5"), {"initiative": "own"}),
        (("SCHOOL_I", "POLICE", "K5"), {"decider_role": "principal", "initiative": "own"}),
        (("SOC", "SOC", "K13"), {"purpose": "care_or_support"}),
    ],
)
def test_a_duty_that_may_not_prevail_over_the_protection_waits_for_a_supervisor_and_says_why(
    ask: Ask, every_statement: tuple[str, ...], place: tuple[str, str, str], more: dict[str, Any]
) -> None:
    """A revealed address cannot be taken back; a report that waits for an approval can be made."""
    above = {"child_fares_badly", "may_matter_for_protection", "no_exceptional_reasons"}
    asked: dict[str, Any] = {
        "item": {"contact_kind": "whereabouts"},
        "person": {"protected": "yes"},
        "says": sorted({*every_statement} - above),
        "denies": sorted(above),
        **more,
    }
    waits = ask(*place, **asked)
    assert [[step.condition for step in way] for way in waits.missing] == [["supervisor_approval"]]
    assert "DUTY_PROTECTED" in waits.cautions
    assert "separate_channel" in waits.flags
    approved = ask(*place, approvals={"supervisor_approval": "yes"}, **asked)
    assert approved.outcome == "must"
    assert "separate_channel" in approved.flags
    refused = ask(*place, approvals={"supervisor_approval": "no"}, **asked)
    assert refused.outcome == "none"


def test_what_social_services_told_of_where_a_child_is_staying_is_told_on_with_a_warning(
    ask: Ask,
) -> None:
    """The secrecy towards the guardian does not follow to where there is none.

    Law: OSL 7 kap. 2 §
    """
    told: dict[str, Any] = {"item": {"contact_kind": "whereabouts", "origin": "SOC"}}
    assert "PLACED" in ask("LEISURE", "PERSON_GUARDIAN", "K33", **told).cautions
    for changed in (
        {"item": {"contact_kind": "whereabouts", "origin": "SCHOOL_M"}},
        {"item": {"contact_kind": None, "origin": "SOC"}},
    ):
        assert "PLACED" not in ask("LEISURE", "PERSON_GUARDIAN", "K33", **changed).cautions
    assert "PLACED" not in ask("LEISURE", "SCHOOL_M", "K33", **told).cautions
